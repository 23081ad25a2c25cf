#include "data/npy.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "data/file_kind.h"
#include "data/float16.h"
#include "data/npy_header.h"

namespace inoculate {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kVersionSize = 2;  // bytes behind the magic: major, minor
constexpr std::size_t kAlignment = 64;   // of the values in the file

/// The values' bytes and how they lie in them.
struct Stored {
  ByteView data;
  bool big_endian = false;
};

std::uint8_t swapped(std::uint8_t bits) { return bits; }
std::uint16_t swapped(std::uint16_t bits) { return __builtin_bswap16(bits); }
std::uint32_t swapped(std::uint32_t bits) { return __builtin_bswap32(bits); }
std::uint64_t swapped(std::uint64_t bits) { return __builtin_bswap64(bits); }

/// The values of Bits each as `value_of` gives it.
template <typename Bits, typename ValueOf>
auto decoded(const Stored& stored, ValueOf value_of) {
  std::vector<decltype(value_of(Bits{}))> values;
  values.reserve(stored.data.size() / sizeof(Bits));
  for (std::size_t at = 0; at < stored.data.size(); at += sizeof(Bits)) {
    const auto bits = load_le<Bits>(stored.data.subspan(at));
    values.push_back(value_of(stored.big_endian ? swapped(bits) : bits));
  }
  return values;
}

template <typename Integer>
std::vector<std::int64_t> integers_of(const Stored& stored, const std::string& name) {
  return decoded<std::make_unsigned_t<Integer>>(stored, [&](auto bits) {
    const auto value = static_cast<Integer>(bits);
    if (std::cmp_greater(value, std::numeric_limits<std::int64_t>::max())) {
      throw Error(name + ": holds integers of 2^63 or more; write it as int64");
    }
    return static_cast<std::int64_t>(value);
  });
}

/// A type of values: its letter and size as in NumPy's "<f4", and how they are read.
struct ValueType {
  std::string_view name;
  std::size_t size;
  void (*read)(NpyArray& array, const Stored& stored);
};

template <typename Integer>
void read_integers(NpyArray& array, const Stored& stored) {
  array.values = integers_of<Integer>(stored, array.name);
}

constexpr ValueType kTypes[] = {
    {"f2", 2,
     [](NpyArray& array, const Stored& stored) {
       array.values = decoded<std::uint16_t>(stored, half_to_float);
     }},
    {"f4", 4,
     [](NpyArray& array, const Stored& stored) {
       array.values =
           decoded<std::uint32_t>(stored, [](auto bits) { return bits_as<float>(bits); });
     }},
    {"f8", 8,
     [](NpyArray& array, const Stored& stored) {
       array.values = decoded<std::uint64_t>(
           stored, [](auto bits) { return static_cast<float>(bits_as<double>(bits)); });
     }},
    {"u1", 1,
     [](NpyArray& array, const Stored& stored) {
       array.values = Bytes(stored.data.begin(), stored.data.end());
     }},
    {"i1", 1, read_integers<std::int8_t>},
    {"u2", 2, read_integers<std::uint16_t>},
    {"i2", 2, read_integers<std::int16_t>},
    {"u4", 4, read_integers<std::uint32_t>},
    {"i4", 4, read_integers<std::int32_t>},
    {"u8", 8, read_integers<std::uint64_t>},
    {"i8", 8, read_integers<std::int64_t>},
};

const ValueType& type_of(std::string_view descr, const std::string& name) {
  const std::string_view orders = "<>|";  // little, big, and of no account for single bytes
  for (const ValueType& type : kTypes) {
    if (descr.empty() || descr.substr(1) != type.name) continue;
    const bool ordered = descr[0] != '|' || type.size == 1;
    if (ordered && orders.find(descr[0]) != std::string_view::npos) return type;
  }
  throw Error(name + ": its values are of the type " + quote(descr) +
              ", which is not read here; write it as float32, uint8 or int64");
}

void check_size(const std::string& name, std::uint64_t count, std::size_t each, ByteView data) {
  // Divided rather than multiplied: count comes from the file and may be anything.
  const std::uint64_t present = data.size() / each;
  if (present < count) {
    throw Error(name + ": holds " + std::to_string(present) + " of the " + std::to_string(count) +
                " values its header announces; write it again");
  }
  if (present > count || data.size() % each != 0) {
    throw Error(name + ": has " + std::to_string(data.size() - count * each) + " bytes after the " +
                std::to_string(count) + " values its header announces; write it again");
  }
}

/// Puts values whose first index runs fastest into the order in which the last one does.
template <typename T>
void make_row_major(std::vector<T>& values, const std::vector<std::int64_t>& shape) {
  struct Axis {
    std::size_t extent;
    std::size_t stride;  // in `values`
    std::size_t index = 0;
  };
  std::vector<Axis> axes;  // without those of extent 1, of which a header can announce thousands
  std::size_t stride = 1;
  for (const std::int64_t extent : shape) {
    if (extent != 1) axes.push_back({static_cast<std::size_t>(extent), stride});
    stride *= static_cast<std::size_t>(extent);
  }
  std::vector<T> ordered;
  ordered.reserve(values.size());
  std::size_t at = 0;
  while (ordered.size() < values.size()) {
    ordered.push_back(values[at]);
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
      at += axis->stride;
      if (++axis->index < axis->extent) break;
      at -= axis->extent * axis->stride;
      axis->index = 0;
    }
  }
  values = std::move(ordered);
}

/// The header's text; what is behind it stays in `file`.
std::string take_header(ByteView& file, const std::string& name) {
  const auto take = [&](std::size_t size) {
    if (size > file.size()) throw Error(name + ": ends within its header; write it again");
    const ByteView part = file.first(size);
    file = file.subspan(size);
    return part;
  };
  take(kMagic.size());
  const ByteView version = take(kVersionSize);
  if (version[0] < 1 || version[0] > 3 || version[1] != 0) {
    throw Error(name + ": is a .npy file of version " + std::to_string(version[0]) + "." +
                std::to_string(version[1]) + ", not 1.0 to 3.0; write it again with numpy.save");
  }
  // Version 2.0 made room for longer headers, 3.0 for names beyond ASCII.
  const std::size_t size =
      version[0] == 1 ? load_le<std::uint16_t>(take(2)) : load_le<std::uint32_t>(take(4));
  const ByteView text = take(size);
  return {text.begin(), text.end()};
}

}  // namespace

const std::vector<float>& NpyArray::floats() const {
  const auto* found = std::get_if<std::vector<float>>(&values);
  if (!found) throw Error(name + ": holds integers where floats are wanted; write it as float32");
  return *found;
}

std::vector<std::int64_t> NpyArray::integers() const {
  if (const auto* bytes = std::get_if<std::vector<std::uint8_t>>(&values)) {
    return {bytes->begin(), bytes->end()};
  }
  const auto* found = std::get_if<std::vector<std::int64_t>>(&values);
  if (!found) {
    throw Error(name + ": holds floats where integers are wanted; write it as uint8 or int64");
  }
  return *found;
}

bool is_npy(ByteView file) {
  return file.size() >= kMagic.size() &&
         std::equal(kMagic.begin(), kMagic.end(), file.begin(),
                    [](char a, auto b) { return static_cast<std::uint8_t>(a) == b; });
}

Bytes write_npy(std::span<const float> values, const std::vector<std::int64_t>& shape) {
  assert(element_count(shape) == static_cast<std::int64_t>(values.size()));
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) header += ' ';
    header += std::to_string(shape[i]);
    if (i + 1 < shape.size() || i == 0) header += ",";
  }
  header += "), }";
  const std::size_t preamble = kMagic.size() + kVersionSize + sizeof(std::uint16_t);
  while ((preamble + header.size() + 1) % kAlignment != 0) header += ' ';
  header += '\n';
  assert(header.size() <= 0xffff);

  Bytes out(kMagic.begin(), kMagic.end());
  out.push_back(1);
  out.push_back(0);
  append_le(out, static_cast<std::uint16_t>(header.size()));
  append_array_le(out, std::span<const char>(header));
  append_array_le(out, values);
  return out;
}

NpyArray parse_npy(ByteView file, const std::string& name) {
  if (!is_npy(file)) {
    refuse_known_kind(file, name, "a .npy file", "write one with numpy.save");
    throw Error(name + ": is not a .npy file; write one with numpy.save");
  }
  const NpyHeader header = parse_npy_header(take_header(file, name), name);
  const std::optional<std::int64_t> count = element_count(header.shape);
  if (!count) throw Error(name + ": announces more values than can be counted; write it again");
  const ValueType& type = type_of(header.descr, name);
  check_size(name, static_cast<std::uint64_t>(*count), type.size, file);

  NpyArray array{name, header.shape, {}};
  type.read(array, {file, header.descr[0] == '>'});
  if (header.fortran_order) {
    std::visit([&](auto& values) { make_row_major(values, array.shape); }, array.values);
  }
  return array;
}

}  // namespace inoculate
