#include "data/idx.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "refusal_of.h"

using namespace inoculate;
using namespace std::string_literals;

namespace {

Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }

// Three images of 2x2 pixels, and three labels, byte for byte as the format says.
const std::string kImages =
    "\000\000\010\003\000\000\000\003\000\000\000\002\000\000\000\002"
    "\001\002\003\004\005\006\007\010\011\012\013\014"s;
const std::string kLabels = "\000\000\010\001\000\000\000\003\007\000\011"s;
// The same through gzip -n.
const std::string kImagesGz =
    "\037\213\010\000\000\000\000\000\000\003c`\340`f``\000a&\020fdbfaec\347\340\344\342\346"
    "\001\000SK@\306\034\000\000\000"s;
const std::string kLabelsGz =
    "\037\213\010\000\000\000\000\000\000\003c`\340`d```fg\340\004\000\245\022\323r\013\000"
    "\000\000"s;

/// The message with which the parser of images (or of labels) refuses `file`.
std::string refusal(const std::string& file, bool images) {
  return refusal_of([&] {
    if (images) {
      parse_idx_images(bytes_of(file), "x.gz");
    } else {
      parse_idx_labels(bytes_of(file), "x.gz");
    }
  });
}

/// kImages with another header, four big-endian numbers.
std::string images_with(const std::string& count, const std::string& rows,
                        const std::string& cols) {
  return kImages.substr(0, 4) + count + rows + cols + kImages.substr(16);
}

}  // namespace

TEST_CASE("IDX images are read, raw and compressed", "[data]") {
  for (const std::string& file : {kImages, kImagesGz}) {
    const IdxImages images = parse_idx_images(bytes_of(file), "x");
    CHECK(images.count == 3);
    CHECK(images.rows == 2);
    CHECK(images.cols == 2);
    CHECK(images.pixels == ByteBuffer{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  }
}

TEST_CASE("IDX labels are read, raw and compressed", "[data]") {
  for (const std::string& file : {kLabels, kLabelsGz}) {
    CHECK(parse_idx_labels(bytes_of(file), "x") == Labels{7, 0, 9});
  }
}

TEST_CASE("IDX files are written as they were read", "[data]") {
  CHECK(write_idx_images(parse_idx_images(bytes_of(kImages), "x")) == bytes_of(kImages));
  CHECK(write_idx_labels({7, 0, 9}) == bytes_of(kLabels));

  IdxImages wide{2, 3, 300, ByteBuffer(1800)};
  for (std::size_t i = 0; i < wide.pixels.size(); ++i) {
    wide.pixels[i] = static_cast<std::uint8_t>(i * 7);
  }
  const IdxImages again = parse_idx_images(write_idx_images(wide), "x");
  CHECK(again.rows == 3);
  CHECK(again.cols == 300);
  CHECK(again.pixels == wide.pixels);
}

TEST_CASE("bad IDX files are refused in words that help", "[data]") {
  const std::string zero = "\000\000\000\000"s, two = "\000\000\000\002"s,
                    three = "\000\000\000\003"s, most = "\377\377\377\377";
  struct Case {
    std::string name;
    std::string file;
    bool images;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"empty file", "", true, "x.gz: holds 0 bytes, too few for an IDX file; fetch it again"},
      {"part of the magic number", "\000\000\010"s, false,
       "x.gz: holds 3 bytes, too few for an IDX file; fetch it again"},
      {"labels for images", kLabels, true,
       "x.gz: holds labels where images are wanted; name a file such as "
       "train-images-idx3-ubyte.gz"},
      {"images for labels", kImagesGz, false,
       "x.gz: holds images where labels are wanted; name a file such as "
       "train-labels-idx1-ubyte.gz"},
      {"a PNG", "\x89PNG\r\n\x1a\n", true,
       "x.gz: is a PNG picture, not an IDX file of images; name a file such as "
       "train-images-idx3-ubyte.gz"},
      {"IDX of floats", "\000\000\015\001\000\000\000\001\000\000\000\000"s, false,
       "x.gz: is not an IDX file of labels (it starts with 0x00000d01, not 0x00000801); name a "
       "file "
       "such as train-labels-idx1-ubyte.gz"},
      {"cut in the header", kImages.substr(0, 15), true,
       "x.gz: ends within its header; the download is incomplete, fetch it again"},
      {"no images", images_with(zero, two, two), true,
       "x.gz: holds no images; name a file such as train-images-idx3-ubyte.gz"},
      {"no labels", kLabels.substr(0, 4) + zero, false,
       "x.gz: holds no labels; name a file such as train-labels-idx1-ubyte.gz"},
      {"header alone", kImages.substr(0, 16), true,
       "x.gz: holds 0 of the 3 images its header announces; the download is incomplete, fetch it "
       "again"},
      {"last pixel missing", kImages.substr(0, kImages.size() - 1), true,
       "x.gz: holds 2 of the 3 images its header announces; the download is incomplete, fetch it "
       "again"},
      {"last label missing", kLabels.substr(0, kLabels.size() - 1), false,
       "x.gz: holds 2 of the 3 labels its header announces; the download is incomplete, fetch it "
       "again"},
      {"one pixel more", kImages + "\001", true,
       "x.gz: has 1 bytes after the 3 images its header announces; fetch it again"},
      {"two labels more", kLabels + "\001\001", false,
       "x.gz: has 2 bytes after the 3 labels its header announces; fetch it again"},
      {"4 billion images", images_with(most, two, two), true,
       "x.gz: holds 3 of the 4294967295 images its header announces; the download is incomplete, "
       "fetch it again"},
      {"4 billion labels", kLabels.substr(0, 4) + most + "\001", false,
       "x.gz: holds 1 of the 4294967295 labels its header announces; the download is incomplete, "
       "fetch it again"},
      // 2^16 * 2^16 * 2^32 would be 0 in 64 bits, and 2^31 * 2 * 1 would be 0 in 32.
      {"sizes whose product wraps", images_with("\200\000\000\000"s, "\000\001\000\000"s, two),
       true, "x.gz: announces images of 65536x2 pixels; its header is damaged, fetch it again"},
      {"sizes whose product wraps in 32 bits", images_with("\200\000\000\000"s, two, two), true,
       "x.gz: holds 3 of the 2147483648 images its header announces; the download is incomplete, "
       "fetch it again"},
      {"the largest sizes", images_with(most, "\000\000\377\377"s, "\000\000\377\377"s), true,
       "x.gz: holds 0 of the 4294967295 images its header announces; the download is incomplete, "
       "fetch it again"},
      {"images without rows", images_with(three, zero, two), true,
       "x.gz: announces images of 0x2 pixels; its header is damaged, fetch it again"},
      {"images without columns", images_with(three, two, zero), true,
       "x.gz: announces images of 2x0 pixels; its header is damaged, fetch it again"},
      {"label 10", kLabels.substr(0, 10) + "\012", false,
       "x.gz: label number 2 is 10, above 9; name labels of 10 classes"},
      {"cut within gzip", kImagesGz.substr(0, 30), true,
       "x.gz: the compressed data ends early; the download is incomplete, fetch it again"},
  };
  for (const Case& bad : cases) {
    INFO(bad.name);
    CHECK(refusal(bad.file, bad.images) == bad.message);
  }
}
