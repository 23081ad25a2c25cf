// What a pen leaves on the pad.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace inoculate::page {

/// A place on the pad: 0..1 from its left and from its top edge.
struct PadPoint {
  float x = 0;
  float y = 0;
  bool operator==(const PadPoint&) const = default;
};

/// One stroke of pen or eraser: a line through its points with round ends.
struct Stroke {
  std::vector<PadPoint> points;  ///< one point alone is a dot
  float radius = 0.04F;          ///< half the line's width, as a share of the pad's side
  bool erase = false;
  bool operator==(const Stroke&) const = default;
};

/// How much was drawn. What a visitor draws, what a link holds and what is drawn anew after an undo
/// is bounded by the same limits, so that none of it takes long and every link can be opened.
struct Ink {
  std::size_t strokes = 0;
  std::size_t points = 0;
  double length = 0;  ///< of all lines together, in sides of the pad
};
inline constexpr std::size_t kMostStrokes = 500;
inline constexpr std::size_t kMostPoints = 10000;
inline constexpr double kMostInk = 1000;
/// What kMostInk may grow by when a link rounds its points.
inline constexpr double kInkRounding = 1;
inline constexpr float kThinnestPen = 0.02F, kThickestPen = 0.09F;  ///< radii of the pen

/// The distance of two points, in sides of the pad.
double length(PadPoint a, PadPoint b);

Ink ink_of(std::span<const Stroke> strokes);

/// Draws the strokes, in order, over a grey picture of side x side values in 0..1 (0 is no ink):
/// a pen raises each value to how far the line covers the pixel, an eraser takes that share away.
/// Edges fade over one pixel.
void draw_strokes(std::span<float> picture, int side, std::span<const Stroke> strokes);

/// Draws what the stroke's last point added to it: done for each point as it comes, the picture has
/// the same bits as draw_strokes gives of the whole stroke. There must be a point.
void draw_last_point(std::span<float> picture, int side, const Stroke& stroke);

}  // namespace inoculate::page
