#include "pictures/image_rows.h"

#include <algorithm>
#include <cassert>

#include "pictures/frame.h"

namespace inoculate {
namespace {

constexpr int kHeadingColumn = 150, kGap = 8, kGroupGap = 28;
constexpr int kNarrowest = 560;

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
  const Frame frame(title, footer,
                    std::max(kNarrowest, 2 * kMargin + kHeadingColumn +
                                             static_cast<int>(columns) * (tile_w + kGap) - kGap));
  Canvas canvas = frame.canvas(frame.top() + height + kGroupGap);
  int y = frame.top();
  for (const ImageRow& row : rows) {
    y += row.heading.empty() ? kGap : kGroupGap;
    canvas.text({kMargin, static_cast<float>(y + tile_h / 2) + 6}, row.heading, kHeadingSize, kInk);
    for (std::size_t i = 0; i < row.images.size(); ++i) {
      const int x = kMargin + kHeadingColumn + static_cast<int>(i) * (tile_w + kGap);
      canvas.blit(row.images[i], {x, y, tile_w, tile_h});
    }
    y += tile_h;
  }
  return canvas;
}

}  // namespace inoculate
