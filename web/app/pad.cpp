#include "web/app/pad.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "data/digit.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

constexpr std::size_t kMostUndo = 100;

PadPoint inside(PadPoint p) { return {std::clamp(p.x, 0.0F, 1.0F), std::clamp(p.y, 0.0F, 1.0F)}; }

Picture prepare(const std::vector<float>& canvas) {
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

bool Pad::begin_stroke(PadPoint point, float radius, bool erase) {
  if (!example_ && (ink_.strokes >= kMostStrokes || ink_.points >= kMostPoints)) return false;
  const bool was_example = example_;
  replaced_.reset();
  if (was_example) replaced_ = now_.strokes;
  remember();
  if (was_example) redraw();
  now_.strokes.push_back({{inside(point)}, radius, erase});
  ++ink_.strokes;
  ++ink_.points;
  draw_last_point();
  return true;
}

bool Pad::extend_stroke(PadPoint point) {
  if (now_.strokes.empty() || now_.strokes.back().points.back() == inside(point)) return true;
  std::vector<PadPoint>& points = now_.strokes.back().points;
  const double longer = ink_.length + length(points.back(), inside(point));
  if (ink_.points >= kMostPoints || longer > kMostInk) return false;
  points.push_back(inside(point));
  ++ink_.points;
  ink_.length = longer;
  draw_last_point();
  return true;
}

void Pad::abandon_stroke() {
  undo();
  if (replaced_) show_example(*std::exchange(replaced_, std::nullopt));
}

void Pad::show_example(std::vector<Stroke> strokes) {
  now_ = {std::nullopt, std::move(strokes)};
  history_.clear();
  example_ = true;
  redraw();
}

void Pad::draw_over(std::vector<Stroke> strokes) {
  const Ink more = ink_of(strokes), now = example_ ? Ink{} : ink_;
  if (now.strokes + more.strokes > kMostStrokes || now.points + more.points > kMostPoints ||
      !(now.length + more.length <= kMostInk + kInkRounding)) {
    throw Error(texts::refusals::too_many_strokes);
  }
  remember();
  now_.strokes.insert(now_.strokes.end(), strokes.begin(), strokes.end());
  redraw();
}

void Pad::take(TakenPicture picture) {
  remember();
  picture.pixels = picture_of(to_bytes(picture.pixels));  // as a link holds it
  now_ = {std::move(picture), {}};
  redraw();
}

void Pad::clear() {
  if (!now_.taken && now_.strokes.empty()) return;
  remember();
  now_ = {};
  redraw();
}

void Pad::undo() {
  if (history_.empty()) return;
  now_ = std::move(history_.back());
  history_.pop_back();
  redraw();
}

// Draws all strokes anew, over the picture taken or an empty canvas.
void Pad::redraw() {
  ink_ = ink_of(now_.strokes);
  if (now_.taken) {
    canvas_.clear();
    picture_ = now_.taken->pixels;
    draw_strokes(picture_, kPictureSide, now_.strokes);
  } else {
    canvas_.assign(static_cast<std::size_t>(kCanvasSide) * kCanvasSide, 0);
    draw_strokes(canvas_, kCanvasSide, now_.strokes);
  }
  changed();
}

void Pad::draw_last_point() {
  if (now_.taken) {
    page::draw_last_point(picture_, kPictureSide, now_.strokes.back());
  } else {
    page::draw_last_point(canvas_, kCanvasSide, now_.strokes.back());
  }
  changed();
}

void Pad::changed() {
  ++revision_;
  // Of 256 levels as every picture is: what is read, attacked, saved and linked to is the same.
  picture_ = picture_of(to_bytes(now_.taken ? picture_ : prepare(canvas_)));
  picture_is_empty_ =
      std::all_of(picture_.begin(), picture_.end(), [](float value) { return value == 0; });
}

}  // namespace inoculate::page
