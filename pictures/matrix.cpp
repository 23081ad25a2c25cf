#include "pictures/matrix.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "pictures/frame.h"

namespace inoculate {
namespace {

constexpr Color kFull{168, 32, 32};
constexpr Color kNothing{238, 236, 230};

constexpr int kNarrowest = 480;
constexpr int kPanelHeader = 64;  // a panel's title, and the names of its columns
constexpr int kNames = 110;       // the names of its rows
constexpr int kFieldWidth = 74, kFieldHeight = 40;
constexpr int kGap = 3;

std::string percent_text(double share) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.2f", 100 * share);
  return text.data();
}

int width_of(const MatrixPanel& panel) {
  const int fields = static_cast<int>(panel.columns.size()) * kFieldWidth;
  const int title = static_cast<int>(text_width(panel.title, kNoteSize)) + 1;
  return std::max(kNames + fields, title);
}

int height_of(const MatrixPanel& panel) {
  return kPanelHeader + static_cast<int>(panel.rows.size()) * kFieldHeight;
}

Point at(int x, int y) { return {static_cast<float>(x), static_cast<float>(y)}; }

void draw(Canvas& canvas, const MatrixPanel& panel, int left, int top) {
  canvas.text(at(left, top + 22), panel.title, kNoteSize, kInk);
  const int fields = left + kNames, first = top + kPanelHeader;
  for (std::size_t column = 0; column < panel.columns.size(); ++column) {
    const int x = fields + static_cast<int>(column) * kFieldWidth + kFieldWidth / 2;
    canvas.text(at(x, first - 8), cut_text(panel.columns[column], kNoteSize, kFieldWidth - 4),
                kNoteSize, kQuiet, Align::kCentre);
  }
  for (std::size_t row = 0; row < panel.rows.size(); ++row) {
    const int y = first + static_cast<int>(row) * kFieldHeight;
    canvas.text(at(fields - 10, y + kFieldHeight / 2 + 5),
                cut_text(panel.rows[row], kNoteSize, kNames - 12), kNoteSize, kQuiet,
                Align::kRight);
    for (std::size_t column = 0; column < panel.columns.size(); ++column) {
      const int x = fields + static_cast<int>(column) * kFieldWidth;
      const std::optional<double> share = panel.shares[row][column];
      canvas.fill_rect({x, y, kFieldWidth - kGap, kFieldHeight - kGap},
                       share ? mix(kWhite, kFull, static_cast<float>(*share)) : kNothing);
      if (!share) continue;
      canvas.text(at(x + (kFieldWidth - kGap) / 2, y + kFieldHeight / 2 + 4), percent_text(*share),
                  kNoteSize, *share > 0.5 ? kPaper : kInk, Align::kCentre);
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
  const Frame frame(picture.title, picture.footer,
                    std::clamp(width, kNarrowest, kLargestCanvasSide));
  Canvas canvas = frame.canvas(frame.top() + height + kMargin / 2);
  int left = kMargin;
  for (const MatrixPanel& panel : picture.panels) {
    draw(canvas, panel, left, frame.top());
    left += width_of(panel) + kMargin;
  }
  return canvas;
}

}  // namespace inoculate
