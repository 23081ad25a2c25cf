#include "pictures/sheet.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>

#include "pictures/frame.h"

namespace inoculate {
namespace {

constexpr Color kRight{31, 122, 92};
constexpr Color kWrong{200, 54, 44};

constexpr float kLabelSize = 28;
constexpr float kBadgeSize = 18;
constexpr float kBadge = 28;  // Diameter of the disc a prediction stands on.

constexpr int kHeadingColumn = 176;
constexpr int kGap = 16;
constexpr int kSummaryLine = 28;
constexpr int kLabelRow = 76;       // The true labels, above the originals.
constexpr int kPredictionRow = 68;  // The predictions, below a row of digits.
constexpr int kLabelDrop = 16;      // From the baseline of a true label to its digit.
constexpr int kBadgeDrop = 28;      // From a digit to the middle of its prediction.
constexpr int kRowGap = 24;
constexpr int kNarrowest = 5 * (140 + kGap) - kGap;  // Narrower tiles leave no room for words.

/// Where everything goes; depends on the number of images, their form and the length of the texts.
struct Layout {
  Rect tile;
  Frame frame;
  int labels_y = 0;  // Top of the row of true labels, and of those below.
  int original_y = 0;
  int perturbation_y = 0;
  int adversary_y = 0;
  int rule_y = 0;

  Rect tile_at(std::size_t column, int y) const {
    return {kMargin + kHeadingColumn + static_cast<int>(column) * (tile.width + kGap), y,
            tile.width, tile.height};
  }
};

Layout lay_out(const Sheet& sheet, std::size_t count) {
  const Rect tile = tile_for(sheet.form, count <= 8 ? 140 : 112);
  const int tiles = static_cast<int>(count) * (tile.width + kGap) - kGap;
  const int width = 2 * kMargin + kHeadingColumn + std::max(tiles, kNarrowest);
  Layout layout{tile, {sheet.title, sheet.footer, width}};
  layout.labels_y = layout.frame.top() + kSummaryLine;
  layout.original_y = layout.labels_y + kLabelRow;
  layout.perturbation_y = layout.original_y + layout.tile.height + kPredictionRow;
  layout.adversary_y = layout.perturbation_y + layout.tile.height + kRowGap;
  layout.rule_y = layout.adversary_y + layout.tile.height + kPredictionRow;
  return layout;
}

/// `value` as a number to draw with: not a number counts as 0, the rest is kept within `limit`.
float tame(float value, float limit) {
  return std::isnan(value) ? 0.0f : std::clamp(value, -limit, limit);
}

/// What the attack did to each pixel.
std::vector<float> perturbation(const SheetEntry& entry) {
  constexpr float kHuge = 1e6f;
  std::vector<float> change(entry.original.size());
  for (std::size_t i = 0; i < change.size(); ++i) {
    change[i] = tame(entry.adversary[i] - entry.original[i], kHuge);
  }
  return change;
}

std::string format(const char* pattern, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), pattern, value);
  return text.data();
}

/// A probability in per cent that never claims more certainty than there is.
std::string percent(float probability) {
  return probability >= 0.9995f ? ">99.9 %" : format("%.1f %%", 100.0 * double{probability});
}

bool fooled(const SheetEntry& entry) {
  return entry.predicted_before == entry.label && entry.predicted_after != entry.label;
}

/// What a class is called on the sheet.
std::string name_of(const Sheet& sheet, int number) {
  const auto i = static_cast<std::size_t>(number);
  return i < sheet.class_names.size() ? sheet.class_names[i] : std::to_string(number);
}

/// The predicted class by its name, and the confidence below it.
void draw_named_prediction(Canvas& canvas, const Rect& tile, const std::string& name,
                           float confidence, Color color) {
  const float middle = static_cast<float>(tile.x) + static_cast<float>(tile.width) / 2;
  const auto bottom = static_cast<float>(tile.y + tile.height);
  canvas.text({middle, bottom + 24}, cut_text(name, kNoteSize, static_cast<float>(tile.width)),
              kNoteSize, color, Align::kCentre);
  canvas.text({middle, bottom + 45}, percent(confidence), kNoteSize, color, Align::kCentre);
}

/// A disc with the predicted class and the confidence beside it, centred below `tile`.
void draw_prediction(Canvas& canvas, const Sheet& sheet, const Rect& tile, int predicted,
                     float confidence, bool is_right) {
  constexpr float kSpace = 7;
  const Color color = is_right ? kRight : kWrong;
  if (!sheet.class_names.empty() || predicted > 99) {
    draw_named_prediction(canvas, tile, name_of(sheet, predicted), confidence, color);
    return;
  }
  const std::string words = percent(confidence);
  const float whole = kBadge + kSpace + text_width(words, kNoteSize);
  const float left = static_cast<float>(tile.x) + (static_cast<float>(tile.width) - whole) / 2;
  const auto middle = static_cast<float>(tile.y + tile.height + kBadgeDrop);
  const Point centre{left + kBadge / 2, middle};
  canvas.polyline({&centre, 1}, kBadge, color);
  canvas.text({centre.x, middle + 6.5f}, std::to_string(predicted), kBadgeSize, kWhite,
              Align::kCentre);
  canvas.text({left + kBadge + kSpace, middle + 5.5f}, words, kNoteSize, color);
}

/// The scale of the perturbations: a bar with the values at its ends.
void draw_scale(Canvas& canvas, int y, float largest, bool grey) {
  constexpr int kBarWidth = 132;
  constexpr int kBarHeight = 12;
  for (int x = 0; x < kBarWidth; ++x) {
    const float value = 2 * static_cast<float>(x) / (kBarWidth - 1) - 1;
    canvas.fill_rect({kMargin + x, y, 1, kBarHeight}, change_color(value, grey));
  }
  canvas.frame({kMargin, y, kBarWidth, kBarHeight}, 1, kLine);
  const std::string value = format("%.2g", double{largest});
  const float baseline = static_cast<float>(y + kBarHeight) + 18;
  canvas.text({kMargin, baseline}, "−" + value, kNoteSize, kQuiet);
  canvas.text({kMargin + kBarWidth / 2, baseline}, "0", kNoteSize, kQuiet, Align::kCentre);
  canvas.text({kMargin + kBarWidth, baseline}, "+" + value, kNoteSize, kQuiet, Align::kRight);
}

/// What stands left of the tiles of a row: its name, a note, and how the scale reads if it has one.
void draw_heading(Canvas& canvas, const Layout& layout, int y, const std::string& name,
                  const std::string& note, float scale_end = 0, bool grey = true) {
  constexpr int kNameHeight = 16;
  constexpr int kNoteHeight = 22;
  constexpr int kScaleHeight = 46;
  const int height =
      kNameHeight + (note.empty() ? 0 : kNoteHeight) + (scale_end > 0 ? kScaleHeight : 0);
  const int top = y + (layout.tile.height - height) / 2;
  canvas.text({kMargin, static_cast<float>(top + kNameHeight - 1)}, name, kHeadingSize, kInk);
  canvas.text({kMargin, static_cast<float>(top + kNameHeight + kNoteHeight)}, note, kNoteSize,
              kQuiet);
  if (scale_end > 0) draw_scale(canvas, top + kNameHeight + kNoteHeight + 14, scale_end, grey);
}

void draw_headings(Canvas& canvas, const Sheet& sheet, const Layout& layout, float largest,
                   bool beyond_range) {
  if (sheet.labelled) {
    canvas.text({kMargin, static_cast<float>(layout.original_y - kLabelDrop)}, "True label",
                kHeadingSize, kInk);
  }
  draw_heading(canvas, layout, layout.original_y, "Original", "");
  draw_heading(canvas, layout, layout.perturbation_y, "Perturbation",
               largest > 0 ? "amplified × " + format("%.3g", 1.0 / double{largest}) : "none",
               largest, sheet.form.channels == 1);
  draw_heading(canvas, layout, layout.adversary_y, "Adversary",
               beyond_range ? "shown cut to 0..1" : "the sum of both");
  for (const int row : {layout.original_y, layout.adversary_y}) {
    canvas.text({kMargin, static_cast<float>(row + layout.tile.height + kBadgeDrop) + 5.5f},
                "read as", kNoteSize, kQuiet);
  }
}

void draw_summary(Canvas& canvas, const Sheet& sheet, const Layout& layout,
                  std::span<const SheetEntry> entries) {
  const auto count = std::count_if(entries.begin(), entries.end(), fooled);
  const auto wrong_before =
      std::count_if(entries.begin(), entries.end(),
                    [](const SheetEntry& entry) { return entry.predicted_before != entry.label; });
  const bool digits = sheet.form.channels == 1 && sheet.class_names.empty();
  const std::string thing = digits ? "digit" : "picture", one = entries.size() == 1 ? "s" : "";
  std::string words = std::to_string(count) + " of " + std::to_string(entries.size()) + " ";
  if (sheet.labelled) {
    words += thing + (one.empty() ? "s fool" : " fools") + " the network";
  } else {
    words += (one.empty() ? "pictures are" : "picture is") + std::string(" read as another class");
  }
  if (wrong_before > 0) words += ", " + std::to_string(wrong_before) + " misread before the attack";
  canvas.text({kMargin, static_cast<float>(layout.labels_y) - 4}, words, kHeadingSize,
              count > 0 ? kWrong : kRight);
}

}  // namespace

Canvas draw_sheet(const Sheet& sheet) {
  const std::span<const SheetEntry> entries(sheet.entries.data(),
                                            std::min(sheet.entries.size(), kMostSheetEntries));
  std::vector<std::vector<float>> changes;
  float largest = 0;
  bool beyond_range = false;
  for (const SheetEntry& entry : entries) {
    assert(entry.original.size() == sheet.form.size() &&
           entry.adversary.size() == sheet.form.size());
    changes.push_back(perturbation(entry));
    for (const float change : changes.back()) largest = std::max(largest, std::abs(change));
    for (const float value : entry.adversary) beyond_range |= value < 0 || value > 1;
  }

  const Layout layout = lay_out(sheet, entries.size());
  Canvas canvas = layout.frame.canvas(layout.rule_y);
  draw_summary(canvas, sheet, layout, entries);
  draw_headings(canvas, sheet, layout, largest, beyond_range);

  for (std::size_t i = 0; i < entries.size(); ++i) {
    const SheetEntry& entry = entries[i];
    const Rect original = layout.tile_at(i, layout.original_y);
    if (sheet.labelled) {
      const float size = sheet.class_names.empty() ? kLabelSize : kHeadingSize;
      canvas.text({static_cast<float>(original.x) + static_cast<float>(original.width) / 2,
                   static_cast<float>(original.y - kLabelDrop)},
                  cut_text(name_of(sheet, entry.label), size, static_cast<float>(original.width)),
                  size, kInk, Align::kCentre);
    }
    canvas.blit(image_tile(entry.original, sheet.form, original), original);
    draw_prediction(canvas, sheet, original, entry.predicted_before, entry.confidence_before,
                    entry.predicted_before == entry.label);

    const Rect middle = layout.tile_at(i, layout.perturbation_y);
    canvas.blit(change_tile(changes[i], sheet.form, middle, largest), middle);
    canvas.frame(middle, 1, kLine);

    const Rect adversary = layout.tile_at(i, layout.adversary_y);
    canvas.blit(image_tile(entry.adversary, sheet.form, adversary), adversary);
    if (fooled(entry)) canvas.frame(adversary, 4, kWrong);
    draw_prediction(canvas, sheet, adversary, entry.predicted_after, entry.confidence_after,
                    entry.predicted_after == entry.label);
  }
  return canvas;
}

}  // namespace inoculate
