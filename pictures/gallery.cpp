#include "pictures/gallery.h"

#include <algorithm>
#include <cassert>

#include "pictures/palette.h"

namespace inoculate {
namespace {

constexpr int kMargin = 48;
constexpr int kGap = 16;
constexpr int kRowGap = 22;
constexpr float kTitleSize = 30;
constexpr int kTitleLine = 38;
constexpr float kNoteSize = 15;
constexpr int kNoteLine = 21;
constexpr int kFooterGap = 22;
constexpr int kFooterLine = 23;
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
  const auto text_space = static_cast<float>(width - 2 * kMargin);
  const auto title = wrap_text(gallery.title, kTitleSize, text_space);
  const auto footer = wrap_text(gallery.footer, kNoteSize, text_space);
  const int top = kMargin + static_cast<int>(title.size()) * kTitleLine + 8;
  const int rule = top + rows * (tile.height + words + kRowGap);
  const int height =
      rule + kFooterGap + static_cast<int>(footer.size()) * kFooterLine + kMargin - kFooterGap / 2;
  Canvas canvas(width, std::min(height, kLargestCanvasSide), kPaper);

  float y = kMargin + kTitleSize * 0.75F;
  for (const std::string& line : title) {
    canvas.text({kMargin, y}, line, kTitleSize, kInk);
    y += kTitleLine;
  }
  for (std::size_t i = 0; i < gallery.items.size(); ++i) {
    const GalleryItem& item = gallery.items[i];
    assert(item.values.size() == gallery.form.size());
    const int column = static_cast<int>(i) % columns, row = static_cast<int>(i) / columns;
    const Rect where{kMargin + column * (cell + kGap), top + row * (tile.height + words + kRowGap),
                     tile.width, tile.height};
    canvas.blit(image_tile(item.values, gallery.form, where), where);
    y = static_cast<float>(where.y + where.height) + 19;
    for (std::size_t k = 0; k < item.lines.size(); ++k) {
      canvas.text({static_cast<float>(where.x), y},
                  cut_text(item.lines[k], kNoteSize, static_cast<float>(cell)), kNoteSize,
                  k == 0 ? kInk : kQuiet);
      y += kNoteLine;
    }
  }
  canvas.fill_rect({kMargin, rule, width - 2 * kMargin, 1}, kLine);
  y = static_cast<float>(rule + kFooterGap) + kNoteSize;
  for (const std::string& line : footer) {
    canvas.text({kMargin, y}, line, kNoteSize, kQuiet);
    y += kFooterLine;
  }
  return canvas;
}

}  // namespace inoculate
