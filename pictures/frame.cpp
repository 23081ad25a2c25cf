#include "pictures/frame.h"

#include <algorithm>

namespace inoculate {
namespace {

constexpr int kTitleLine = 38;
constexpr int kFooterLine = 23;
constexpr int kFooterGap = 22;

void write(Canvas& canvas, const std::vector<std::string>& lines, float y, float size, int step,
           Color color) {
  for (const std::string& line : lines) {
    canvas.text({kMargin, y}, line, size, color);
    y += static_cast<float>(step);
  }
}

}  // namespace

Frame::Frame(const std::string& title, const std::string& footer, int width)
    : width_(width),
      title_(wrap_text(title, kTitleSize, static_cast<float>(width - 2 * kMargin))),
      footer_(wrap_text(footer, kNoteSize, static_cast<float>(width - 2 * kMargin))) {}

int Frame::top() const { return kMargin + static_cast<int>(title_.size()) * kTitleLine; }

Canvas Frame::canvas(int rule) const {
  const int height =
      rule + kFooterGap / 2 + static_cast<int>(footer_.size()) * kFooterLine + kMargin;
  Canvas canvas(width_, std::min(height, kLargestCanvasSide), kPaper);
  write(canvas, title_, kMargin + kTitleSize * 0.75F, kTitleSize, kTitleLine, kInk);
  canvas.fill_rect({kMargin, rule, width_ - 2 * kMargin, 1}, kLine);
  write(canvas, footer_, static_cast<float>(rule + kFooterGap) + kNoteSize, kNoteSize, kFooterLine,
        kQuiet);
  return canvas;
}

}  // namespace inoculate
