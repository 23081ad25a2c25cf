#include "picture/prepare.h"

#include "base/error.h"
#include "data/digit.h"
#include "picture/frame.h"
#include "picture/mnist_form.h"
#include "picture/strokes.h"

namespace inoculate {
namespace {

// The digit is looked for in a picture of at most this many pixels a side.
constexpr int kLongest = 512;
constexpr int kBoxSide = 20;  // MNIST's
// A digit smaller than this, in a picture that was reduced, is looked at again by itself.
constexpr int kSmall = 80;

// The digit of a picture with what was found out on the way.
struct Found {
  Ink ink;
  Strokes strokes;
  Box page;                   // within the reduced picture
  int width = 0, height = 0;  // of the reduced picture
  bool framed = false;
};

Found find_digit(const Channels& channels, const Box& page) {
  Found found;
  found.page = page;
  found.width = channels[0].width;
  found.height = channels[0].height;
  found.framed = page.width < found.width || page.height < found.height;
  found.ink = find_ink(found.framed ? crop(channels, page) : channels);
  found.strokes = find_strokes(found.ink);
  return found;
}

Found find_digit(const ColorPicture& picture) {
  const Channels channels = reduce(picture, kLongest);
  Found found = find_digit(channels, inside_frame(channels));
  // A frame round nothing is no frame but the digit: a 0, or a 1 as a bar.
  if (found.framed && found.strokes.box.empty()) {
    found = find_digit(channels, {0, 0, channels[0].width, channels[0].height});
  }
  return found;
}

// The part of `picture` round a small digit, in its own pixels.
Box around(const Found& found, const ColorPicture& picture) {
  const Box& box = found.strokes.box;
  const double scale = static_cast<double>(picture.width) / found.width;
  const int margin = std::max(box.width, box.height) / 2 + 2;
  const auto place = [&](int at, int limit) {
    return std::clamp(static_cast<int>(at * scale), 0, limit);
  };
  const int left = place(found.page.left + box.left - margin, picture.width);
  const int top = place(found.page.top + box.top - margin, picture.height);
  return {left, top, place(found.page.left + box.right() + margin, picture.width) - left,
          place(found.page.top + box.bottom() + margin, picture.height) - top};
}

std::vector<float> scaled(const Strokes& strokes) {
  Plane cut = crop(strokes.ink, strokes.box);
  // A digit smaller than MNIST's is enlarged smoothly before pixels are averaged.
  const int longest = std::max(cut.width, cut.height);
  if (longest < 2 * kBoxSide && longest != kBoxSide) {
    const int times = 1 + 4 * kBoxSide / longest;
    cut = resize(cut, times * cut.width, times * cut.height);
  }
  std::vector<double> ink;
  for (const float value : cut.values) ink.push_back(255.0 * static_cast<double>(value));
  return place_digit(ink, cut.width, cut.height);
}

}  // namespace

PreparedDigit prepare_picture(const ColorPicture& picture, const std::string& name) {
  const auto pixels = static_cast<std::uint64_t>(std::max(0, picture.width)) *
                      static_cast<std::uint64_t>(std::max(0, picture.height));
  if (pixels == 0 || picture.rgba.size() != 4 * pixels) {
    throw Error("'" + name + "' is not a whole picture; give its width x height pixels");
  }
  if (auto taken = take_as_it_is(picture)) {
    return {std::move(taken->pixels), taken->brightened ? "brightened" : "as it is"};
  }
  Found found = find_digit(picture);
  const bool framed = found.framed;
  const Box& box = found.strokes.box;
  const bool reduced = found.width < picture.width || found.height < picture.height;
  if (reduced && !box.empty() && std::max(box.width, box.height) < kSmall) {
    Found closer = find_digit(crop(picture, around(found, picture)));
    if (!closer.strokes.box.empty()) found = std::move(closer);
  }
  if (box.empty()) {
    throw Error("'" + name +
                "' shows no digit: nothing in it stands out from its ground as strokes do; give a "
                "picture of one digit, drawn or written large");
  }
  PreparedDigit digit;
  digit.how = found.ink.dark ? "dark ink on light ground" : "light ink on dark ground";
  if (framed) digit.how += ", frame dropped";
  if (found.ink.levelled) digit.how += ", light levelled";
  if (found.strokes.dropped) digit.how += ", specks dropped";
  if (thicken(found.strokes, kBoxSide)) digit.how += ", strokes thickened";
  digit.pixels = scaled(found.strokes);
  return digit;
}

}  // namespace inoculate
