// The live feed: subscribes, checks that no message is missing, reconnects and resumes.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;

export class Feed {
  /**
   * @param {string} url
   * @param {(message: object) => void} onMessage snapshots and events, in order, none twice
   * @param {(state: "connecting" | "live" | "lost") => void} onState
   */
  constructor(url, onMessage, onState) {
    this.url = url;
    this.onMessage = onMessage;
    this.onState = onState;
    this.places = new Map(); // topic -> {epoch, seq} or null before its first message
    this.wait = FIRST_WAIT;
    this.open();
    // A laptop that wakes up has a dead socket and does not know it.
    addEventListener("online", () => this.again());
  }

  subscribe(topic) {
    if (this.places.has(topic)) return;
    this.places.set(topic, null);
    if (this.socket?.readyState === WebSocket.OPEN) this.send({ subscribe: [topic] });
  }

  send(command) {
    this.socket.send(JSON.stringify(command));
  }

  open() {
    this.onState("connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => {
      const wishes = [...this.places].map(([topic, place]) =>
        place ? { topic, epoch: place.epoch, after: place.seq } : topic);
      if (wishes.length > 0) this.send({ subscribe: wishes });
    };
    socket.onmessage = (event) => this.take(JSON.parse(event.data));
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.onState("lost");
      // Everybody lost the service at the same moment: do not all come back at the same one.
      const wait = this.wait * (0.5 + Math.random());
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
      this.timer = setTimeout(() => this.open(), wait);
    };
  }

  again() {
    if (this.socket?.readyState === WebSocket.OPEN) return;
    clearTimeout(this.timer);
    this.open();
  }

  take(message) {
    if (message.kind === "error") {
      console.warn("feed:", message.topic, message.data.detail);
      if (message.topic) this.places.delete(message.topic);
      return;
    }
    this.wait = FIRST_WAIT;
    this.onState("live");
    const place = this.places.get(message.topic);
    if (place === undefined) return;
    const begins = message.kind === "snapshot" || message.kind === "resumed";
    if (!begins && (!place || message.epoch !== place.epoch || message.seq !== place.seq + 1)) {
      // Something is missing: begin this topic again rather than show what is not so.
      console.warn("feed: a gap in", message.topic, "at", message.seq);
      this.places.set(message.topic, null);
      this.socket.close();
      return;
    }
    this.places.set(message.topic, { epoch: message.epoch, seq: message.seq });
    if (message.kind !== "resumed") this.onMessage(message);
  }
}
