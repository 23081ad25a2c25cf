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

/// Draws the strokes, in order, over a grey picture of side x side values in 0..1 (0 is no ink):
/// a pen raises each value to how far the line covers the pixel, an eraser takes that share away.
/// Edges fade over one pixel.
void draw_strokes(std::span<float> picture, int side, std::span<const Stroke> strokes);

}  // namespace inoculate::page
