#include "pictures/sheet.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>

namespace inoculate {
namespace {

constexpr int kDigitSide = 28;

constexpr Color kPaper{250, 249, 246};
constexpr Color kInk{31, 36, 48};
constexpr Color kQuiet{112, 117, 128};
constexpr Color kLine{222, 220, 213};
constexpr Color kRight{31, 122, 92};
constexpr Color kWrong{200, 54, 44};
constexpr Color kWhite{255, 255, 255};
constexpr Color kLighter{217, 92, 78};  // Pixels the attack made lighter, at full strength,
constexpr Color kDarker{68, 112, 190};  // and darker.

constexpr float kTitleSize = 30;
constexpr float kHeadingSize = 19;
constexpr float kLabelSize = 28;
constexpr float kNoteSize = 15;
constexpr float kBadgeSize = 18;
constexpr float kBadge = 28;  // Diameter of the disc a prediction stands on.

constexpr int kMargin = 48;
constexpr int kHeadingColumn = 176;
constexpr int kGap = 16;
constexpr int kTitleLine = 38;
constexpr int kSummaryLine = 28;
constexpr int kLabelRow = 76;       // The true labels, above the originals.
constexpr int kPredictionRow = 68;  // The predictions, below a row of digits.
constexpr int kLabelDrop = 16;      // From the baseline of a true label to its digit.
constexpr int kBadgeDrop = 28;      // From a digit to the middle of its prediction.
constexpr int kRowGap = 24;
constexpr int kFooterGap = 22;
constexpr int kFooterLine = 23;
constexpr int kFewestColumns = 5;  // Narrower sheets leave no room for their words.

/// Where everything goes; depends on the number of digits and the length of the texts.
struct Layout {
  int tile = 0;
  int width = 0;
  int height = 0;
  std::vector<std::string> title;
  std::vector<std::string> footer;
  int labels_y = 0;  // Top of the row of true labels, and of those below.
  int original_y = 0;
  int perturbation_y = 0;
  int adversary_y = 0;
  int rule_y = 0;

  Rect tile_at(std::size_t column, int y) const {
    return {kMargin + kHeadingColumn + static_cast<int>(column) * (tile + kGap), y, tile, tile};
  }
};

Layout lay_out(const Sheet& sheet, std::size_t count) {
  Layout layout;
  layout.tile = kDigitSide * (count <= 8 ? 5 : 4);  // Whole factors keep the pixels square.
  const int columns = std::max(static_cast<int>(count), kFewestColumns);
  layout.width = 2 * kMargin + kHeadingColumn + columns * (layout.tile + kGap) - kGap;
  const auto text_space = static_cast<float>(layout.width - 2 * kMargin);
  layout.title = wrap_text(sheet.title, kTitleSize, text_space);
  layout.footer = wrap_text(sheet.footer, kNoteSize, text_space);

  layout.labels_y = kMargin + static_cast<int>(layout.title.size()) * kTitleLine + kSummaryLine;
  layout.original_y = layout.labels_y + kLabelRow;
  layout.perturbation_y = layout.original_y + layout.tile + kPredictionRow;
  layout.adversary_y = layout.perturbation_y + layout.tile + kRowGap;
  layout.rule_y = layout.adversary_y + layout.tile + kPredictionRow;
  layout.height = layout.rule_y + kFooterGap +
                  static_cast<int>(layout.footer.size()) * kFooterLine + kMargin - kFooterGap / 2;
  return layout;
}

/// `value` as a number to draw with: not a number counts as 0, the rest is kept within `limit`.
float tame(float value, float limit) {
  return std::isnan(value) ? 0.0f : std::clamp(value, -limit, limit);
}

GreyImage grey_image(std::span<const float> values) {
  GreyImage image{kDigitSide, kDigitSide, {}};
  for (const float value : values) {
    const float grey = std::max(tame(value, 1.0f), 0.0f);
    image.pixels.push_back(static_cast<std::uint8_t>(std::lround(255.0f * grey)));
  }
  return image;
}

/// What the attack did to each pixel.
std::vector<float> perturbation(const SheetEntry& entry) {
  constexpr float kHuge = 1e6f;
  std::vector<float> change(kSheetPixels);
  for (std::size_t i = 0; i < kSheetPixels; ++i) {
    change[i] = tame(entry.adversary[i] - entry.original[i], kHuge);
  }
  return change;
}

/// Blue (-1, darker) through white (0) to red (+1, lighter).
Color diverging(float value) {
  return mix(kWhite, value < 0 ? kDarker : kLighter, std::abs(value));
}

Canvas perturbation_image(const std::vector<float>& change, float largest) {
  Canvas image(kDigitSide, kDigitSide, kWhite);
  for (int i = 0; largest > 0 && i < kDigitSide * kDigitSide; ++i) {
    const float share = change[static_cast<std::size_t>(i)] / largest;
    image.fill_rect({i % kDigitSide, i / kDigitSide, 1, 1}, diverging(share));
  }
  return image;
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

/// A disc with the predicted class and the confidence beside it, centred below `tile`.
void draw_prediction(Canvas& canvas, const Rect& tile, int predicted, float confidence,
                     bool is_right) {
  constexpr float kSpace = 7;
  const std::string words = percent(confidence);
  const float whole = kBadge + kSpace + text_width(words, kNoteSize);
  const float left = static_cast<float>(tile.x) + (static_cast<float>(tile.width) - whole) / 2;
  const auto middle = static_cast<float>(tile.y + tile.height + kBadgeDrop);
  const Color color = is_right ? kRight : kWrong;
  const Point centre{left + kBadge / 2, middle};
  canvas.polyline({&centre, 1}, kBadge, color);
  canvas.text({centre.x, middle + 6.5f}, std::to_string(predicted), kBadgeSize, kWhite,
              Align::kCentre);
  canvas.text({left + kBadge + kSpace, middle + 5.5f}, words, kNoteSize, color);
}

/// The scale of the perturbations: a bar from blue to red with the values at its ends.
void draw_scale(Canvas& canvas, int y, float largest) {
  constexpr int kBarWidth = 132;
  constexpr int kBarHeight = 12;
  for (int x = 0; x < kBarWidth; ++x) {
    const float value = 2 * static_cast<float>(x) / (kBarWidth - 1) - 1;
    canvas.fill_rect({kMargin + x, y, 1, kBarHeight}, diverging(value));
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
                  const std::string& note, float scale_end = 0) {
  constexpr int kNameHeight = 16;
  constexpr int kNoteHeight = 22;
  constexpr int kScaleHeight = 46;
  const int height =
      kNameHeight + (note.empty() ? 0 : kNoteHeight) + (scale_end > 0 ? kScaleHeight : 0);
  const int top = y + (layout.tile - height) / 2;
  canvas.text({kMargin, static_cast<float>(top + kNameHeight - 1)}, name, kHeadingSize, kInk);
  canvas.text({kMargin, static_cast<float>(top + kNameHeight + kNoteHeight)}, note, kNoteSize,
              kQuiet);
  if (scale_end > 0) draw_scale(canvas, top + kNameHeight + kNoteHeight + 14, scale_end);
}

void draw_headings(Canvas& canvas, const Layout& layout, float largest, bool beyond_range) {
  canvas.text({kMargin, static_cast<float>(layout.original_y - kLabelDrop)}, "True label",
              kHeadingSize, kInk);
  draw_heading(canvas, layout, layout.original_y, "Original", "");
  draw_heading(canvas, layout, layout.perturbation_y, "Perturbation",
               largest > 0 ? "amplified × " + format("%.3g", 1.0 / double{largest}) : "none",
               largest);
  draw_heading(canvas, layout, layout.adversary_y, "Adversary",
               beyond_range ? "shown cut to 0..1" : "the sum of both");
  for (const int row : {layout.original_y, layout.adversary_y}) {
    canvas.text({kMargin, static_cast<float>(row + layout.tile + kBadgeDrop) + 5.5f}, "read as",
                kNoteSize, kQuiet);
  }
}

void draw_summary(Canvas& canvas, const Layout& layout, std::span<const SheetEntry> entries) {
  const auto count = std::count_if(entries.begin(), entries.end(), fooled);
  const auto wrong_before =
      std::count_if(entries.begin(), entries.end(),
                    [](const SheetEntry& entry) { return entry.predicted_before != entry.label; });
  std::string words = std::to_string(count) + " of " + std::to_string(entries.size()) +
                      (entries.size() == 1 ? " digit fools" : " digits fool") + " the network";
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
    assert(entry.original.size() == kSheetPixels && entry.adversary.size() == kSheetPixels);
    changes.push_back(perturbation(entry));
    for (const float change : changes.back()) largest = std::max(largest, std::abs(change));
    for (const float value : entry.adversary) beyond_range |= value < 0 || value > 1;
  }

  const Layout layout = lay_out(sheet, entries.size());
  Canvas canvas(layout.width, layout.height, kPaper);
  float y = kMargin + kTitleSize * 0.75f;
  for (const std::string& line : layout.title) {
    canvas.text({kMargin, y}, line, kTitleSize, kInk);
    y += kTitleLine;
  }
  draw_summary(canvas, layout, entries);
  draw_headings(canvas, layout, largest, beyond_range);

  for (std::size_t i = 0; i < entries.size(); ++i) {
    const SheetEntry& entry = entries[i];
    const Rect original = layout.tile_at(i, layout.original_y);
    canvas.text({static_cast<float>(original.x) + static_cast<float>(original.width) / 2,
                 static_cast<float>(original.y - kLabelDrop)},
                std::to_string(entry.label), kLabelSize, kInk, Align::kCentre);
    canvas.blit(grey_image(entry.original), original);
    draw_prediction(canvas, original, entry.predicted_before, entry.confidence_before,
                    entry.predicted_before == entry.label);

    const Rect middle = layout.tile_at(i, layout.perturbation_y);
    canvas.blit(perturbation_image(changes[i], largest), middle);
    canvas.frame(middle, 1, kLine);

    const Rect adversary = layout.tile_at(i, layout.adversary_y);
    canvas.blit(grey_image(entry.adversary), adversary);
    if (fooled(entry)) canvas.frame(adversary, 4, kWrong);
    draw_prediction(canvas, adversary, entry.predicted_after, entry.confidence_after,
                    entry.predicted_after == entry.label);
  }

  canvas.fill_rect({kMargin, layout.rule_y, layout.width - 2 * kMargin, 1}, kLine);
  y = static_cast<float>(layout.rule_y + kFooterGap) + kNoteSize;
  for (const std::string& line : layout.footer) {
    canvas.text({kMargin, y}, line, kNoteSize, kQuiet);
    y += kFooterLine;
  }
  return canvas;
}

}  // namespace inoculate
