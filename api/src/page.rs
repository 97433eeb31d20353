//! The page at `/`: a few static files inside the binary, no build step, nothing from elsewhere.

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{problem::ApiError, state::AppState};

struct File {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

macro_rules! files {
    ($($name:literal as $kind:literal,)*) => {
        &[$(File { name: $name, kind: $kind, text: include_str!(concat!("page/", $name)) },)*]
    };
}

static FILES: &[File] = files! {
    "index.html" as "text/html; charset=utf-8",
    "style.css" as "text/css; charset=utf-8",
    "icon.svg" as "image/svg+xml",
    "app.js" as "text/javascript; charset=utf-8",
    "feed.js" as "text/javascript; charset=utf-8",
    "state.js" as "text/javascript; charset=utf-8",
    "format.js" as "text/javascript; charset=utf-8",
    "cards.js" as "text/javascript; charset=utf-8",
    "parts.js" as "text/javascript; charset=utf-8",
    "kinds.js" as "text/javascript; charset=utf-8",
    "draw.js" as "text/javascript; charset=utf-8",
    "keno.js" as "text/javascript; charset=utf-8",
    "instant.js" as "text/javascript; charset=utf-8",
    "prediction.js" as "text/javascript; charset=utf-8",
    "raffle.js" as "text/javascript; charset=utf-8",
    "bet.js" as "text/javascript; charset=utf-8",
};

/// Scripts and styles from here only; nobody frames the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn router() -> Router<AppState> {
    Router::new().route("/", get(async |headers: HeaderMap| serve("index.html", &headers))).route(
        "/assets/{name}",
        get(async |Path(name): Path<String>, headers: HeaderMap| serve(&name, &headers)),
    )
}

fn serve(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        return ApiError::NotFound(format!("there is no file `{name}`")).into_response();
    };
    let tag = tag(file.text);
    let mut response = if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.text.into_response()
    };
    let fields: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(file.kind)),
        // Asked about each time, sent again only when a new version of the service runs.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::ETAG, tag),
    ];
    for (name, value) in fields {
        response.headers_mut().insert(name, value);
    }
    response
}

/// FNV-1a of the text: it only has to change when the text does.
fn tag(text: &str) -> HeaderValue {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    HeaderValue::from_str(&format!("\"{hash:016x}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sent_once() {
        let first = serve("app.js", &HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(serve("app.js", &headers).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(serve("style.css", &headers).status(), StatusCode::OK);
        assert_eq!(serve("../secret", &headers).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_page_names_only_files_that_exist_and_nothing_from_elsewhere() {
        for file in FILES {
            let quoted = file.text.split(['"', '\'']);
            for reference in quoted.filter(|text| text.starts_with("/assets/") || text.starts_with("./")) {
                let name = reference.rsplit('/').next().unwrap_or_default();
                assert!(FILES.iter().any(|file| file.name == name), "{} names {reference}", file.name);
            }
            let foreign = file.text.replace("http://www.w3.org/2000/svg", "");
            assert!(!foreign.contains("http://") && !foreign.contains("https://"), "{}", file.name);
        }
    }
}
