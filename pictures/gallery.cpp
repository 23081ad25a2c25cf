#include "pictures/gallery.h"

#include <algorithm>
#include <cassert>

#include "pictures/frame.h"

namespace inoculate {
namespace {

constexpr int kGap = 16;
constexpr int kRowGap = 22;
constexpr int kNoteLine = 21;
constexpr int kRoom = 140;  // for a tile; words need as much in any case

int columns_for(std::size_t count) {
  constexpr std::size_t kFewest = 5, kMost = 10, kRows = 5;
  return static_cast<int>(std::clamp((count + kRows - 1) / kRows, kFewest, kMost));
}

}  // namespace

Canvas draw_gallery(const Gallery& gallery) {
  const Rect tile = tile_for(gallery.form, kRoom);
  const int cell = std::max(tile.width, kRoom);
  const int columns = columns_for(gallery.items.size());
  const int rows = (static_cast<int>(gallery.items.size()) + columns - 1) / columns;
  std::size_t lines = 0;
  for (const GalleryItem& item : gallery.items) lines = std::max(lines, item.lines.size());
  const int words = static_cast<int>(lines) * kNoteLine;

  const int width = 2 * kMargin + columns * (cell + kGap) - kGap;
  const Frame frame(gallery.title, gallery.footer, width);
  const int top = frame.top() + 8;
  Canvas canvas = frame.canvas(top + rows * (tile.height + words + kRowGap));
  for (std::size_t i = 0; i < gallery.items.size(); ++i) {
    const GalleryItem& item = gallery.items[i];
    assert(item.values.size() == gallery.form.size());
    const int column = static_cast<int>(i) % columns, row = static_cast<int>(i) / columns;
    const Rect where{kMargin + column * (cell + kGap), top + row * (tile.height + words + kRowGap),
                     tile.width, tile.height};
    canvas.blit(image_tile(item.values, gallery.form, where), where);
    float y = static_cast<float>(where.y + where.height) + 19;
    for (std::size_t k = 0; k < item.lines.size(); ++k) {
      canvas.text({static_cast<float>(where.x), y},
                  cut_text(item.lines[k], kNoteSize, static_cast<float>(cell)), kNoteSize,
                  k == 0 ? kInk : kQuiet);
      y += kNoteLine;
    }
  }
  return canvas;
}

}  // namespace inoculate
