#include "pictures/matrix.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "pictures/palette.h"

namespace inoculate {
namespace {

constexpr Color kFull{168, 32, 32};
constexpr Color kNothing{238, 236, 230};

constexpr float kTitleSize = 22;
constexpr float kTextSize = 15;
constexpr int kMargin = 40;
constexpr int kHeader = 56;
constexpr int kPanelHeader = 64;  // a panel's title, and the names of its columns
constexpr int kNames = 110;       // the names of its rows
constexpr int kFieldWidth = 74, kFieldHeight = 40;
constexpr int kGap = 3;
constexpr int kTextLine = 22;

std::string percent_text(double share) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.2f", 100 * share);
  return text.data();
}

// UTF-8 cut to a width, never within a character.
std::string cut(std::string text, float width) {
  if (text_width(text, kTextSize) <= width) return text;
  while (!text.empty() && text_width(text + "…", kTextSize) > width) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) {
      text.pop_back();
    }
    if (!text.empty()) text.pop_back();
  }
  return text + "…";
}

int width_of(const MatrixPanel& panel) {
  const int fields = static_cast<int>(panel.columns.size()) * kFieldWidth;
  const int title = static_cast<int>(text_width(panel.title, kTextSize)) + 1;
  return std::max(kNames + fields, title);
}

int height_of(const MatrixPanel& panel) {
  return kPanelHeader + static_cast<int>(panel.rows.size()) * kFieldHeight;
}

Point at(int x, int y) { return {static_cast<float>(x), static_cast<float>(y)}; }

void draw(Canvas& canvas, const MatrixPanel& panel, int left, int top) {
  canvas.text(at(left, top + kTextLine), panel.title, kTextSize, kInk);
  const int fields = left + kNames, first = top + kPanelHeader;
  for (std::size_t column = 0; column < panel.columns.size(); ++column) {
    const int x = fields + static_cast<int>(column) * kFieldWidth + kFieldWidth / 2;
    canvas.text(at(x, first - 8), cut(panel.columns[column], kFieldWidth - 4), kTextSize, kQuiet,
                Align::kCentre);
  }
  for (std::size_t row = 0; row < panel.rows.size(); ++row) {
    const int y = first + static_cast<int>(row) * kFieldHeight;
    canvas.text(at(fields - 10, y + kFieldHeight / 2 + 5), cut(panel.rows[row], kNames - 12),
                kTextSize, kQuiet, Align::kRight);
    for (std::size_t column = 0; column < panel.columns.size(); ++column) {
      const int x = fields + static_cast<int>(column) * kFieldWidth;
      const std::optional<double> share = panel.shares[row][column];
      canvas.fill_rect({x, y, kFieldWidth - kGap, kFieldHeight - kGap},
                       share ? mix({255, 255, 255}, kFull, static_cast<float>(*share)) : kNothing);
      if (!share) continue;
      canvas.text(at(x + (kFieldWidth - kGap) / 2, y + kFieldHeight / 2 + 4), percent_text(*share),
                  kTextSize, *share > 0.5 ? kPaper : kInk, Align::kCentre);
    }
  }
}

}  // namespace

Canvas draw_matrices(const MatrixPicture& picture) {
  int width = kMargin, height = 0;
  for (const MatrixPanel& panel : picture.panels) {
    width += width_of(panel) + kMargin;
    height = std::max(height, height_of(panel));
  }
  width =
      std::min(std::max(width, 2 * kMargin + static_cast<int>(text_width(picture.title, 22)) + 1),
               kLargestCanvasSide);
  const std::vector<std::string> footer =
      wrap_text(picture.footer, kTextSize, static_cast<float>(width - 2 * kMargin));
  const int below = kMargin + kHeader + height;
  Canvas canvas(width, below + kMargin + static_cast<int>(footer.size()) * kTextLine, kPaper);
  canvas.text(at(kMargin, kMargin + kTextLine), picture.title, kTitleSize, kInk);
  int left = kMargin;
  for (const MatrixPanel& panel : picture.panels) {
    draw(canvas, panel, left, kMargin + kHeader);
    left += width_of(panel) + kMargin;
  }
  for (std::size_t i = 0; i < footer.size(); ++i) {
    canvas.text(at(kMargin, below + 30 + static_cast<int>(i) * kTextLine), footer[i], kTextSize,
                kQuiet);
  }
  return canvas;
}

}  // namespace inoculate
