#include "data/idx.h"

#include <array>
#include <cassert>
#include <cstdio>
#include <limits>

#include "base/error.h"
#include "data/file_kind.h"
#include "data/gzip.h"

namespace inoculate {
namespace {

/// One of the two kinds of IDX file: `dimensions` big-endian sizes follow the magic number.
struct Kind {
  std::uint32_t magic;
  std::size_t dimensions;
  std::string things;
  std::string example;
};

const Kind kImages{0x00000803, 3, "images", "train-images-idx3-ubyte.gz"};
const Kind kLabels{0x00000801, 1, "labels", "train-labels-idx1-ubyte.gz"};

// Unpacked; MNIST needs 47 MB. Keeps a small hostile .gz from filling the memory.
constexpr std::size_t kLargestUnpacked = std::size_t{256} << 20;
// Per side; keeps count * rows * cols within 64 bits.
constexpr std::uint32_t kLargestSide = 65535;

struct Content {
  std::array<std::uint32_t, 3> sizes{1, 1, 1};
  Bytes bytes;  // the whole file, unpacked
  std::size_t header_size = 0;

  ByteView values() const { return ByteView(bytes).subspan(header_size); }
};

std::uint32_t load_be32(ByteView bytes) {
  return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) |
         (std::uint32_t{bytes[2]} << 8) | std::uint32_t{bytes[3]};
}

void append_be32(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

std::string hex(std::uint32_t value) {
  std::array<char, 11> text;
  std::snprintf(text.data(), text.size(), "0x%08x", static_cast<unsigned>(value));
  return text.data();
}

void check_magic(ByteView bytes, const std::string& name, const Kind& wanted) {
  if (bytes.size() < 4) {
    throw Error(name + ": holds " + std::to_string(bytes.size()) +
                " bytes, too few for an IDX file; fetch it again");
  }
  const std::uint32_t magic = load_be32(bytes);
  if (magic == wanted.magic) return;
  const Kind& other = wanted.magic == kImages.magic ? kLabels : kImages;
  if (magic == other.magic) {
    throw Error(name + ": holds " + other.things + " where " + wanted.things +
                " are wanted; name a file such as " + wanted.example);
  }
  const bool other_idx = magic >> 16 == 0;
  if (!other_idx)
    refuse_known_kind(bytes, name, "an IDX file of " + wanted.things,
                      "name a file such as " + wanted.example);
  throw Error(name + ": is not an IDX file of " + wanted.things + " (it starts with " + hex(magic) +
              ", not " + hex(wanted.magic) + "); name a file such as " + wanted.example);
}

/// Proves magic number and sizes; what comes back has values for exactly the sizes announced.
Content parse_idx(ByteView file, const std::string& name, const Kind& wanted) {
  Content content;
  content.bytes =
      is_gzip(file) ? gunzip(file, name, kLargestUnpacked) : Bytes(file.begin(), file.end());
  const ByteView bytes = content.bytes;
  check_magic(bytes, name, wanted);
  const std::size_t header_size = 4 + 4 * wanted.dimensions;
  if (bytes.size() < header_size) {
    throw Error(name + ": ends within its header; the download is incomplete, fetch it again");
  }
  for (std::size_t i = 0; i < wanted.dimensions; ++i) {
    content.sizes[i] = load_be32(bytes.subspan(4 + 4 * i));
  }

  const auto [count, rows, cols] = content.sizes;
  if (count == 0) {
    throw Error(name + ": holds no " + wanted.things + "; name a file such as " + wanted.example);
  }
  if (rows == 0 || cols == 0 || rows > kLargestSide || cols > kLargestSide) {
    throw Error(name + ": announces images of " + std::to_string(rows) + "x" +
                std::to_string(cols) + " pixels; its header is damaged, fetch it again");
  }
  const std::uint64_t each = std::uint64_t{rows} * cols;
  const std::uint64_t announced = count * each;
  const std::uint64_t present = bytes.size() - header_size;
  const std::string things = std::to_string(count) + " " + wanted.things + " its header announces";
  if (present < announced) {
    throw Error(name + ": holds " + std::to_string(present / each) + " of the " + things +
                "; the download is incomplete, fetch it again");
  }
  if (present > announced) {
    throw Error(name + ": has " + std::to_string(present - announced) + " bytes after the " +
                things + "; fetch it again");
  }
  if (count > static_cast<std::uint32_t>(std::numeric_limits<int>::max())) {
    throw Error(name + ": holds " + std::to_string(count) + " " + wanted.things +
                ", more than can be counted; split it");
  }

  content.header_size = header_size;
  return content;
}

}  // namespace

IdxImages parse_idx_images(ByteView file, const std::string& name) {
  const Content content = parse_idx(file, name, kImages);
  IdxImages images;
  images.count = static_cast<int>(content.sizes[0]);
  images.rows = static_cast<int>(content.sizes[1]);
  images.cols = static_cast<int>(content.sizes[2]);
  const ByteView pixels = content.values();
  images.pixels.assign(pixels.begin(), pixels.end());
  return images;
}

Labels parse_idx_labels(ByteView file, const std::string& name) {
  const Content content = parse_idx(file, name, kLabels);
  const ByteView values = content.values();
  Labels labels(values.begin(), values.end());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] > 9) {
      throw Error(name + ": label number " + std::to_string(i) + " is " +
                  std::to_string(labels[i]) + ", above 9; name labels of ten classes");
    }
  }
  return labels;
}

Bytes write_idx_images(const IdxImages& images) {
  assert(images.count >= 0 && images.rows >= 0 && images.cols >= 0);
  assert(images.pixels.size() == static_cast<std::size_t>(images.count) *
                                     static_cast<std::size_t>(images.rows) *
                                     static_cast<std::size_t>(images.cols));
  Bytes out;
  append_be32(out, kImages.magic);
  for (const int size : {images.count, images.rows, images.cols}) {
    append_be32(out, static_cast<std::uint32_t>(size));
  }
  out.insert(out.end(), images.pixels.begin(), images.pixels.end());
  return out;
}

Bytes write_idx_labels(const Labels& labels) {
  Bytes out;
  append_be32(out, kLabels.magic);
  append_be32(out, static_cast<std::uint32_t>(labels.size()));
  for (const int label : labels) {
    if (label < 0 || label > 255) {
      throw Error("IDX files hold labels 0 to 255, and one is " + std::to_string(label) +
                  "; write the images as .npy or PNGs");
    }
    out.push_back(static_cast<std::uint8_t>(label));
  }
  return out;
}

}  // namespace inoculate
