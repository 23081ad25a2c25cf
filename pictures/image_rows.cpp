#include "pictures/image_rows.h"

#include <algorithm>
#include <cassert>

#include "pictures/palette.h"

namespace inoculate {
namespace {

constexpr float kTitleSize = 30;
constexpr float kHeadingSize = 19;
constexpr float kNoteSize = 15;
constexpr int kMargin = 48, kHeadingColumn = 150, kGap = 8, kGroupGap = 28;
constexpr int kTitleLine = 38, kFooterLine = 23;

}  // namespace

Canvas draw_image_rows(const std::string& title, const std::vector<ImageRow>& rows,
                       const std::string& footer) {
  assert(!rows.empty() && !rows[0].images.empty());
  const GreyImage& first = rows[0].images[0];
  const int factor = std::max(1, 84 / std::max(first.width, first.height));
  const int tile_w = factor * first.width, tile_h = factor * first.height;
  std::size_t columns = 0;
  int height = 0;
  for (const ImageRow& row : rows) {
    columns = std::max(columns, row.images.size());
    height += tile_h + (row.heading.empty() ? kGap : kGroupGap);
  }
  const int width = std::max(
      560, 2 * kMargin + kHeadingColumn + static_cast<int>(columns) * (tile_w + kGap) - kGap);
  const auto space = static_cast<float>(width - 2 * kMargin);
  const auto title_lines = wrap_text(title, kTitleSize, space);
  const auto footer_lines = wrap_text(footer, kNoteSize, space);
  height += 2 * kMargin + kTitleLine * static_cast<int>(title_lines.size()) +
            kFooterLine * static_cast<int>(footer_lines.size());

  Canvas canvas(width, height, kPaper);
  int y = kMargin;
  for (const std::string& line : title_lines) {
    canvas.text({kMargin, static_cast<float>(y) + kTitleSize * 0.75F}, line, kTitleSize, kInk);
    y += kTitleLine;
  }
  for (const ImageRow& row : rows) {
    y += row.heading.empty() ? kGap : kGroupGap;
    canvas.text({kMargin, static_cast<float>(y + tile_h / 2) + 6}, row.heading, kHeadingSize, kInk);
    for (std::size_t i = 0; i < row.images.size(); ++i) {
      const int x = kMargin + kHeadingColumn + static_cast<int>(i) * (tile_w + kGap);
      canvas.blit(row.images[i], {x, y, tile_w, tile_h});
    }
    y += tile_h;
  }
  y += kGroupGap;
  for (const std::string& line : footer_lines) {
    canvas.text({kMargin, static_cast<float>(y) + kNoteSize}, line, kNoteSize, kQuiet);
    y += kFooterLine;
  }
  return canvas;
}

}  // namespace inoculate
