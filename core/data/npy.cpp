#include "data/npy.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "data/file_kind.h"

namespace inoculate {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kPreambleSize = 10;  // magic, two bytes of version, two of header length
constexpr std::size_t kAlignment = 64;     // of the values in the file

struct Header {
  std::optional<std::string> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<std::int64_t>> shape;

  bool complete() const { return descr && fortran_order && shape; }
};

/// Reads the header, the Python literal of a dictionary such as
/// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Header parse() {
    expect('{');
    while (!accept('}')) {
      parse_entry();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (text_ != "\n" || !header_.complete()) fail();
    return header_;
  }

 private:
  void parse_entry() {
    const std::string key = parse_string();
    expect(':');
    if (key == "descr" && !header_.descr) {
      header_.descr = parse_string();
    } else if (key == "fortran_order" && !header_.fortran_order) {
      header_.fortran_order = parse_bool();
    } else if (key == "shape" && !header_.shape) {
      header_.shape = parse_tuple();
    } else {
      fail();
    }
  }

  std::string parse_string() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect('\'');
    const std::size_t end = text_.find(quote);
    if (end == std::string_view::npos) fail();
    const std::string value(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return value;
  }

  bool parse_bool() {
    skip_blanks();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.starts_with(word)) {
        text_.remove_prefix(word.size());
        return value;
      }
    }
    fail();
  }

  /// (), (3,), (2, 3) or (2, 3,); in Python (3) is a number and no tuple.
  std::vector<std::int64_t> parse_tuple() {
    std::vector<std::int64_t> values;
    bool comma = true;
    expect('(');
    while (!accept(')')) {
      if (!comma) fail();
      values.push_back(parse_extent());
      comma = accept(',');
    }
    if (values.size() == 1 && !comma) fail();
    return values;
  }

  std::int64_t parse_extent() {
    skip_blanks();
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (status != std::errc() || value < 0) fail();
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return value;
  }

  void skip_blanks() {
    while (text_.starts_with(' ')) text_.remove_prefix(1);
  }

  bool accept(char wanted) {
    skip_blanks();
    if (!text_.starts_with(wanted)) return false;
    text_.remove_prefix(1);
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) fail();
  }

  [[noreturn]] void fail() const {
    throw Error(name_ + ": its header is not as NumPy writes it; write it again with numpy.save");
  }

  std::string_view text_;
  const std::string& name_;
  Header header_;
};

template <typename T>
void read_values(NpyArray& array, std::uint64_t count, ByteView data) {
  // Divided rather than multiplied: count comes from the file and may be anything.
  const std::uint64_t present = data.size() / sizeof(T);
  if (present < count) {
    throw Error(array.name + ": holds " + std::to_string(present) + " of the " +
                std::to_string(count) + " values its header announces; write it again");
  }
  if (present > count || data.size() % sizeof(T) != 0) {
    throw Error(array.name + ": has " + std::to_string(data.size() - count * sizeof(T)) +
                " bytes after the " + std::to_string(count) +
                " values its header announces; write it again");
  }
  array.values = load_array_le<T>(data);
}

}  // namespace

const std::vector<float>& NpyArray::floats() const {
  const auto* found = std::get_if<std::vector<float>>(&values);
  if (!found) throw Error(name + ": holds integers where floats are wanted; write it as float32");
  return *found;
}

std::vector<std::int64_t> NpyArray::integers() const {
  if (std::holds_alternative<std::vector<float>>(values)) {
    throw Error(name + ": holds floats where integers are wanted; write it as uint8 or int64");
  }
  return std::visit(
      [](const auto& all) {
        std::vector<std::int64_t> wide;
        wide.reserve(all.size());
        for (const auto value : all) wide.push_back(static_cast<std::int64_t>(value));
        return wide;
      },
      values);
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
  while ((kPreambleSize + header.size() + 1) % kAlignment != 0) header += ' ';
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
  const bool magic = file.size() >= kMagic.size() &&
                     std::equal(kMagic.begin(), kMagic.end(), file.begin(),
                                [](char a, auto b) { return static_cast<std::uint8_t>(a) == b; });
  if (!magic) {
    refuse_known_kind(file, name, "a .npy file", "write one with numpy.save");
    throw Error(name + ": is no .npy file; write one with numpy.save");
  }
  if (file.size() < kPreambleSize) throw Error(name + ": ends within its header; write it again");
  if (file[6] != 1 || file[7] != 0) {
    throw Error(name + ": is a .npy file of version " + std::to_string(file[6]) + "." +
                std::to_string(file[7]) + "; write it as version 1.0");
  }
  const std::size_t header_size = load_le<std::uint16_t>(file.subspan(8));
  if (header_size > file.size() - kPreambleSize) {
    throw Error(name + ": ends within its header; write it again");
  }
  const ByteView header_bytes = file.subspan(kPreambleSize, header_size);
  const std::string text(header_bytes.begin(), header_bytes.end());
  const Header header = HeaderParser(text, name).parse();
  if (*header.fortran_order) {
    throw Error(name + ": is in Fortran order; write it with numpy.ascontiguousarray");
  }
  const std::optional<std::int64_t> count = element_count(*header.shape);
  if (!count) throw Error(name + ": announces more values than can be counted; write it again");

  NpyArray array;
  array.name = name;
  array.shape = *header.shape;
  const ByteView data = file.subspan(kPreambleSize + header_size);
  const auto wanted = static_cast<std::uint64_t>(*count);
  if (header.descr == "<f4") {
    read_values<float>(array, wanted, data);
  } else if (header.descr == "|u1") {
    read_values<std::uint8_t>(array, wanted, data);
  } else if (header.descr == "|i1") {
    read_values<std::int8_t>(array, wanted, data);
  } else if (header.descr == "<i4") {
    read_values<std::int32_t>(array, wanted, data);
  } else if (header.descr == "<i8") {
    read_values<std::int64_t>(array, wanted, data);
  } else {
    throw Error(name + ": is of a type that is not read here; write it as float32, uint8, int8, " +
                "int32 or int64, little endian");
  }
  return array;
}

}  // namespace inoculate
