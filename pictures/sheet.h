// The attack sheet: images before and after an attack, as a picture.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pictures/canvas.h"
#include "pictures/image_tile.h"

namespace inoculate {

/// Most images on one sheet.
inline constexpr std::size_t kMostSheetEntries = 10;

/// One image: what it is, and what the network made of it before and after the attack.
struct SheetEntry {
  std::vector<float> original;   ///< Sheet::form's values in 0..1.
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
  ImageForm form = {};                        ///< Of every image.
  std::vector<std::string> class_names = {};  ///< None: the classes are their numbers.
  /// Whether the labels are the true classes; if not, they are what was read before the attack.
  bool labelled = true;
};

/// Draws a column for each of the first kMostSheetEntries entries: original, perturbation on a
/// scale that reaches to the sheet's largest change (blue, white and red; of images in colour each
/// channel around grey), adversary; below the images the prediction with its confidence, green
/// where it is right and red where it is wrong, and a red frame around an adversary that fooled the
/// network (right before, wrong after). Every image must have the values of the form, whose
/// channels are 1 or 3.
Canvas draw_sheet(const Sheet& sheet);

}  // namespace inoculate
