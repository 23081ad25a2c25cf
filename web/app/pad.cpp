#include "web/app/pad.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "data/digit.h"

namespace inoculate::page {
namespace {

// Drawings are prepared from this many pixels a side; ten for each of the picture.
constexpr int kCanvasSide = 280;
constexpr std::size_t kMostUndo = 100;

PadPoint inside(PadPoint p) { return {std::clamp(p.x, 0.0F, 1.0F), std::clamp(p.y, 0.0F, 1.0F)}; }

Picture prepare(const std::vector<Stroke>& strokes) {
  std::vector<float> canvas(static_cast<std::size_t>(kCanvasSide) * kCanvasSide);
  draw_strokes(canvas, kCanvasSide, strokes);
  // A border without ink, so that a drawing along the pad's edge is not taken for dark paper.
  constexpr int kSide = kCanvasSide + 2;
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(kSide) * kSide);
  for (int y = 0; y < kCanvasSide; ++y) {
    for (int x = 0; x < kCanvasSide; ++x) {
      const float ink = canvas[static_cast<std::size_t>(y * kCanvasSide + x)];
      bytes[static_cast<std::size_t>((y + 1) * kSide + x + 1)] =
          static_cast<std::uint8_t>(std::lround(255 * ink));
    }
  }
  return prepare_digit(bytes, kSide, kSide);
}

}  // namespace

void Pad::remember() {
  if (example_) now_ = {};  // for undo it was never there
  example_ = false;
  if (history_.size() == kMostUndo) history_.erase(history_.begin());
  history_.push_back(now_);
}

void Pad::begin_stroke(PadPoint point, float radius, bool erase) {
  remember();
  now_.strokes.push_back({{inside(point)}, radius, erase});
  changed();
}

void Pad::extend_stroke(PadPoint point) {
  if (now_.strokes.empty() || now_.strokes.back().points.back() == inside(point)) return;
  now_.strokes.back().points.push_back(inside(point));
  changed();
}

void Pad::show_example(std::vector<Stroke> strokes) {
  now_ = {std::nullopt, std::move(strokes)};
  history_.clear();
  example_ = true;
  changed();
}

void Pad::draw_over(std::vector<Stroke> strokes) {
  remember();
  now_.strokes.insert(now_.strokes.end(), strokes.begin(), strokes.end());
  changed();
}

void Pad::take(TakenPicture picture) {
  remember();
  now_ = {std::move(picture), {}};
  changed();
}

void Pad::clear() {
  if (!now_.taken && now_.strokes.empty()) return;
  remember();
  now_ = {};
  changed();
}

void Pad::undo() {
  if (history_.empty()) return;
  now_ = std::move(history_.back());
  history_.pop_back();
  changed();
}

void Pad::changed() {
  ++revision_;
  if (now_.taken) {
    picture_ = now_.taken->pixels;
    draw_strokes(picture_, kPictureSide, now_.strokes);
  } else {
    picture_ = prepare(now_.strokes);
  }
  picture_is_empty_ =
      std::all_of(picture_.begin(), picture_.end(), [](float value) { return value == 0; });
}

}  // namespace inoculate::page
