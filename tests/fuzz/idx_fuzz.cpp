// IDX files of images and of labels, raw or compressed.
#include "data/idx.h"
#include "fuzz/target.h"

namespace inoculate::fuzz {
namespace {

constexpr const char* kName = "fuzz.idx";

void read(ByteView file) {
  IdxImages images;
  if (accepts("fuzz.idx: ", [&] { images = parse_idx_images(file, kName); })) {
    const IdxImages again = parse_idx_images(write_idx_images(images), kName);
    demand(again.count == images.count && again.rows == images.rows && again.cols == images.cols &&
               again.pixels == images.pixels,
           "images change when they are written");
  }
  Labels labels;
  if (accepts("fuzz.idx: ", [&] { labels = parse_idx_labels(file, kName); })) {
    demand(parse_idx_labels(write_idx_labels(labels), kName) == labels,
           "labels change when they are written");
  }
}

const Target target("idx", read);

}  // namespace
}  // namespace inoculate::fuzz
