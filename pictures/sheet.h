// The attack sheet: digits before and after an attack, as a picture.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pictures/canvas.h"

namespace inoculate {

/// Pixels in a digit of the sheet, 28 x 28 row-major.
inline constexpr std::size_t kSheetPixels = 784;

/// Most digits on one sheet.
inline constexpr std::size_t kMostSheetEntries = 10;

/// One digit: what it is, and what the network made of it before and after the attack.
struct SheetEntry {
  std::vector<float> original;   ///< kSheetPixels values in 0..1.
  std::vector<float> adversary;  ///< As many; an attack that does not clip may leave 0..1.
  int label = 0;
  int predicted_before = 0;
  float confidence_before = 0;  ///< Probability of predicted_before, 0..1.
  int predicted_after = 0;
  float confidence_after = 0;  ///< Probability of predicted_after, 0..1.
};

/// What stands on a sheet.
struct Sheet {
  std::string title;
  std::string footer;  ///< The settings; broken into lines where it is long.
  std::vector<SheetEntry> entries;
};

/// Draws a column for each of the first kMostSheetEntries entries: original, perturbation on a
/// blue-white-red scale that reaches to the sheet's largest change, adversary; below the digits the
/// prediction with its confidence, green where it is right and red where it is wrong, and a red
/// frame around an adversary that fooled the network (right before, wrong after). Every image must
/// have kSheetPixels values.
Canvas draw_sheet(const Sheet& sheet);

}  // namespace inoculate
