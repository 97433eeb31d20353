//! A report as an SVG: the realised RTP of each day with the exact one and its band, and the turnover below.

use anyhow::{Context, anyhow};
use plotters::{
    coord::Shift,
    prelude::*,
    style::{RGBColor, ShapeStyle},
};

use super::{Day, Report};

const SIZE: (u32, u32) = (960, 620);
/// Height of the upper panel.
const UPPER: u32 = 400;
const MARGIN: u32 = 16;
const LABEL_LEFT: u32 = 72;
/// Days that get a label of their own.
const MOST_LABELS: usize = 14;

const INK: RGBColor = RGBColor(34, 40, 49);
const REALISED: RGBColor = RGBColor(0, 95, 184);
const EXACT: RGBColor = RGBColor(196, 78, 20);
const BAND: RGBColor = RGBColor(240, 170, 110);
const TURNOVER: RGBColor = RGBColor(70, 140, 120);

type Panel<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The picture as text.
pub fn svg(report: &Report) -> anyhow::Result<String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        let (upper, lower) = area.split_vertically(UPPER);
        draw_rtp(&upper, report)?;
        draw_turnover(&lower, report)?;
        area.present().map_err(failed)?;
    }
    Ok(text)
}

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("the plot could not be drawn: {error}")
}

/// Percent on the axis: every realised and exact value, and the band as far as it does not dwarf them.
fn range(days: &[Day]) -> (f64, f64) {
    let figures = || days.iter().map(|day| &day.figures);
    let values: Vec<f64> = figures().flat_map(|f| [f.realised_rtp, f.exact_rtp]).flatten().collect();
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        (low, high) = (low.min(value), high.max(value));
    }
    if !low.is_finite() {
        (low, high) = (0.0, 1.0);
    }
    let slack = (high - low).max(0.1);
    let bands = || figures().filter_map(|f| f.rtp_band);
    low = bands().fold(low, |low, band| low.min(band.low.max(low - slack)));
    high = bands().fold(high, |high, band| high.max(band.high.min(high + slack)));
    let margin = (high - low).max(0.02) * 0.06;
    // Room for the legend above the data.
    ((low - margin).max(0.0) * 100.0, (high + margin * 5.0) * 100.0)
}

/// The day of a place on the axis; only of whole places, and not of too many.
fn label(days: &[Day], at: f64) -> String {
    let place = at.round();
    match days.get(place as usize) {
        Some(day) if place >= 0.0 && (at - place).abs() < 0.01 => {
            day.day.get(5..).unwrap_or(&day.day).to_string()
        }
        _ => String::new(),
    }
}

fn draw_rtp(area: &Panel, report: &Report) -> anyhow::Result<()> {
    let days = &report.days;
    let (low, high) = range(days);
    let last = days.len().saturating_sub(1) as f64;
    let caption = format!("{}: realised and exact RTP by day", report.name);
    let mut chart = ChartBuilder::on(area)
        .margin(MARGIN)
        .caption(caption, ("sans-serif", 20).into_font().color(&INK))
        .x_label_area_size(28)
        .y_label_area_size(LABEL_LEFT)
        .build_cartesian_2d(-0.6..last + 0.6, low..high)
        .map_err(failed)?;
    chart
        .configure_mesh()
        .x_labels(days.len().min(MOST_LABELS))
        .x_label_formatter(&|at| label(days, *at))
        .y_label_formatter(&|percent| format!("{percent:.0} %"))
        .y_desc("return to player")
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .axis_style(INK)
        .draw()
        .map_err(failed)?;
    let clamp = |part: f64| (part * 100.0).clamp(low, high);
    // Each day has its own band: a box as wide as its bar below.
    let bands = days.iter().enumerate().filter_map(|(at, day)| Some((at as f64, day.figures.rtp_band?)));
    let boxes = bands.map(|(at, band)| {
        Rectangle::new([(at - 0.4, clamp(band.low)), (at + 0.4, clamp(band.high))], BAND.mix(0.45).filled())
    });
    let style =
        |color: RGBColor, width| ShapeStyle { color: color.into(), filled: true, stroke_width: width };
    chart
        .draw_series(boxes)
        .map_err(failed)?
        .label("95 % band")
        .legend(|(x, y)| Rectangle::new([(x, y - 5), (x + 18, y + 5)], BAND.mix(0.45).filled()));
    let exact =
        days.iter().enumerate().filter_map(|(at, day)| Some((at as f64, clamp(day.figures.exact_rtp?))));
    let steps = exact.map(|(at, rtp)| PathElement::new([(at - 0.4, rtp), (at + 0.4, rtp)], style(EXACT, 2)));
    chart
        .draw_series(steps)
        .map_err(failed)?
        .label("exact RTP")
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style(EXACT, 2)));
    let realised: Vec<_> = days
        .iter()
        .enumerate()
        .filter_map(|(at, day)| Some((at as f64, clamp(day.figures.realised_rtp?))))
        .collect();
    chart.draw_series(LineSeries::new(realised.iter().copied(), style(REALISED, 1))).map_err(failed)?;
    chart
        .draw_series(realised.iter().map(|at| Circle::new(*at, 4, REALISED.filled())))
        .map_err(failed)?
        .label("realised RTP")
        .legend(|(x, y)| Circle::new((x + 9, y), 4, REALISED.filled()));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(INK.mix(0.3))
        .draw()
        .map_err(failed)
}

/// Tokens on an axis that ends at `top`.
fn tokens_text(tokens: f64, top: f64) -> String {
    let decimals = (2.0 - top.log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{tokens:.decimals$}")
}

fn draw_turnover(area: &Panel, report: &Report) -> anyhow::Result<()> {
    let days = &report.days;
    let scale = 10f64.powi(report.decimals.into());
    let whole = |day: &Day| -> anyhow::Result<f64> {
        Ok(day.figures.turnover_units.parse::<u64>().context("turnover_units is no amount")? as f64 / scale)
    };
    let bars: Vec<f64> = days.iter().map(whole).collect::<anyhow::Result<_>>()?;
    let most = bars.iter().copied().fold(0.0, f64::max);
    let top = if most > 0.0 { most * 1.1 } else { 1.0 };
    let last = days.len().saturating_sub(1) as f64;
    let mut chart = ChartBuilder::on(area)
        .margin(MARGIN)
        .x_label_area_size(28)
        .y_label_area_size(LABEL_LEFT)
        .build_cartesian_2d(-0.6..last + 0.6, 0.0..top)
        .map_err(failed)?;
    chart
        .configure_mesh()
        .x_labels(days.len().min(MOST_LABELS))
        .x_label_formatter(&|at| label(days, *at))
        .y_labels(5)
        .y_label_formatter(&|tokens| tokens_text(*tokens, top))
        .y_desc("turnover, whole tokens")
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .axis_style(INK)
        .draw()
        .map_err(failed)?;
    let bars = bars.iter().enumerate().map(|(at, turnover)| {
        let at = at as f64;
        Rectangle::new([(at - 0.4, 0.0), (at + 0.4, *turnover)], TURNOVER.filled())
    });
    chart.draw_series(bars).map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{day, report},
        *,
    };

    #[test]
    fn a_plot_has_every_part() {
        let mut days: Vec<_> = (10..20)
            .map(|n| day(&format!("2026-11-{n}"), n, Some(0.9 + n as f64 / 1_000.0), Some(0.95)))
            .collect();
        days.push(day("2026-11-20", 0, None, None));
        let text = svg(&report(days)).unwrap();
        assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"), "no picture");
        for part in ["Keno 5 s", "11-10", "exact RTP", "realised RTP", "95 % band", "turnover"] {
            assert!(text.contains(part), "{part} is not in the plot");
        }
        // Ten days with a realised RTP, and one in the legend.
        assert_eq!(text.matches("<circle").count(), 11);
        assert!(!text.contains("NaN") && !text.contains("inf"), "a number is none");
    }

    #[test]
    fn odd_reports_can_be_plotted() {
        for days in [
            vec![day("2026-11-10", 1, Some(0.0), None)],
            vec![day("2026-11-10", 1, Some(40.0), Some(0.95))],
            vec![day("2026-11-10", 1, None, None), day("2026-11-11", 1, Some(0.95), Some(0.95))],
        ] {
            let text = svg(&report(days)).unwrap();
            assert!(text.contains("</svg>") && !text.contains("NaN"), "{text}");
        }
    }

    #[test]
    fn a_wide_band_does_not_dwarf_the_days() {
        let mut days = vec![day("2026-11-10", 1, Some(0.93), Some(0.95))];
        days[0].figures.rtp_band = Some(super::super::Band { low: 0.0, high: 90.0 });
        let (low, high) = range(&days);
        assert!(low > 70.0 && high < 130.0, "{low} {high}");
    }
}
