#include "data/safetensors.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "data/file_kind.h"
#include "data/float16.h"
#include "data/json.h"

namespace inoculate {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLengthSize = 8;               // the header's length, in front of it
constexpr std::size_t kLargestHeader = 100'000'000;  // the format's own limit
constexpr std::size_t kAlignment = 8;                // of the values in the file
// File, tensor, shape. A network of a thousand layers has some 50,000 values in its header.
constexpr JsonLimits kHeaderLimits{3, 500'000};
const char* const kMetadata = "__metadata__";

/// A type of values that is read: floats as they are, the others widened or narrowed to them.
struct StoredType {
  const char* name;
  std::size_t size;
  std::vector<float> (*read)(ByteView bytes);
};

/// `bytes` as values of type T, each made a float by `convert`.
template <typename T, typename Convert>
std::vector<float> converted(ByteView bytes, Convert convert) {
  std::vector<float> values;
  values.reserve(bytes.size() / sizeof(T));
  for (const T value : load_array_le<T>(bytes)) values.push_back(convert(value));
  return values;
}

const std::array kTypes{
    StoredType{"F32", 4, load_array_le<float>},
    StoredType{"F16", 2, [](ByteView b) { return converted<std::uint16_t>(b, half_to_float); }},
    StoredType{"BF16", 2, [](ByteView b) { return converted<std::uint16_t>(b, bfloat_to_float); }},
    StoredType{"F64", 8, [](ByteView b) {
                 return converted<double>(b, [](double v) { return static_cast<float>(v); });
               }}};

/// What a type that is skipped, and so of any kind, takes a value; 0 if that is unknown.
std::size_t size_of_skipped(const std::string& type) {
  for (const char* one : {"BOOL", "U8", "I8"}) {
    if (type == one) return 1;
  }
  const std::size_t digits = type.find_first_of("1236");
  const std::string bits = digits == std::string::npos ? "" : type.substr(digits);
  return bits == "16" ? 2 : bits == "32" ? 4 : bits == "64" ? 8 : 0;
}

/// One entry of the header; begin and end count bytes from the end of the header.
struct Entry {
  std::string name;
  const StoredType* type = nullptr;  ///< none: skipped
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

std::size_t size_of(Dtype dtype) { return dtype == Dtype::F32 ? 4 : 2; }

/// Throws Errors about one file, or about one tensor in it.
class Refusal {
 public:
  explicit Refusal(std::string name) : name_(std::move(name)) {}

  Refusal about(const std::string& tensor) const {
    return Refusal(name_ + ": tensor " + quote(tensor));
  }

  [[noreturn]] void damaged(const std::string& what) const {
    throw Error(name_ + ": " + what + "; the file is damaged, fetch or write it again");
  }
  [[noreturn]] void incomplete(const std::string& what) const {
    throw Error(name_ + ": " + what + "; the file is incomplete, fetch or write it again");
  }
  [[noreturn]] void unsuitable(const std::string& what) const {
    throw Error(name_ + ": " + what + "; name a safetensors file of weights");
  }

 private:
  std::string name_;
};

ByteView find_header(ByteView file, const Refusal& refusal, const std::string& name) {
  // Eight bytes of a length, then the header's first.
  if (file.size() <= kLengthSize || file[kLengthSize] != '{') {
    refuse_known_kind(file, name, "a safetensors file", "name a safetensors file of weights");
  }
  if (file.size() < kLengthSize) {
    refusal.unsuitable("holds " + std::to_string(file.size()) +
                       " bytes, too few for a safetensors file");
  }
  const auto length = load_le<std::uint64_t>(file);
  const ByteView rest = file.subspan(kLengthSize);
  if (length > kLargestHeader) {
    refusal.unsuitable("announces a header of " + std::to_string(length) + " bytes, above the " +
                       std::to_string(kLargestHeader) + " allowed");
  }
  if (length > rest.size()) {
    refusal.incomplete("announces a header of " + std::to_string(length) + " bytes and holds " +
                       std::to_string(rest.size()) + " of them");
  }
  return rest.first(static_cast<std::size_t>(length));
}

Json parse_header(ByteView header, const Refusal& refusal) {
  if (header.empty() || header[0] != '{') refusal.damaged("its header is not a JSON object");
  try {
    return parse_json({reinterpret_cast<const char*>(header.data()), header.size()}, kHeaderLimits);
  } catch (const Error& error) {
    refusal.damaged(std::string("its header ") + error.what());
  }
}

/// A list of integers of 0 or more.
std::vector<std::int64_t> parse_list(const Json& list, const char* what, const Refusal& refusal) {
  std::vector<std::int64_t> values;
  bool sound = list.is_array();
  for (std::size_t i = 0; sound && i < list.size(); ++i) {
    constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
    sound = list[i].is_number_unsigned() && list[i].get<std::uint64_t>() <= kLargest;
    if (sound) values.push_back(list[i].get<std::int64_t>());
  }
  if (!sound) refusal.damaged(std::string("its ") + what + " is not a list of sizes");
  return values;
}

Entry parse_entry(const std::string& name, const Json& object, std::uint64_t data_size,
                  bool skipped, const Refusal& refusal) {
  if (!object.is_object() || object.size() != 3 || !object.contains("dtype") ||
      !object.contains("shape") || !object.contains("data_offsets")) {
    refusal.damaged("is not described by dtype, shape and data_offsets");
  }
  Entry entry;
  entry.name = name;
  const Json& dtype = object["dtype"];
  if (!dtype.is_string()) refusal.damaged("its dtype is not a string");
  const auto type_name = dtype.get<std::string>();
  std::size_t each = 0;
  if (skipped) {
    each = size_of_skipped(type_name);
  } else {
    for (const StoredType& type : kTypes) {
      if (type_name == type.name) entry.type = &type;
    }
    each = entry.type != nullptr ? entry.type->size : 0;
  }
  if (each == 0) {
    refusal.unsuitable("its dtype is " + quote(type_name) + ", not F32, F16, BF16 or F64");
  }

  entry.shape = parse_list(object["shape"], "shape", refusal);
  const std::optional<std::int64_t> count = element_count(entry.shape);
  if (!count) refusal.damaged("its shape holds more values than can be counted");

  const auto offsets = parse_list(object["data_offsets"], "data_offsets", refusal);
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    refusal.damaged("its data_offsets are not a begin and an end");
  }
  entry.begin = static_cast<std::uint64_t>(offsets[0]);
  entry.end = static_cast<std::uint64_t>(offsets[1]);
  // Divided rather than multiplied: count comes from the file and may be anything.
  const std::uint64_t bytes = entry.end - entry.begin;
  if (bytes % each != 0 || bytes / each != static_cast<std::uint64_t>(*count)) {
    refusal.damaged("its shape holds " + std::to_string(*count) + " values of " +
                    std::to_string(each) + " bytes, its data_offsets " + std::to_string(bytes) +
                    " bytes");
  }
  if (entry.end > data_size) {
    refusal.incomplete("ends at byte " + std::to_string(entry.end) + " of the values, of which " +
                       std::to_string(data_size) + " bytes are there");
  }
  return entry;
}

std::map<std::string, std::string> parse_metadata(const Json& object, const Refusal& refusal) {
  if (!object.is_object()) refusal.damaged("its __metadata__ is not a JSON object");
  std::map<std::string, std::string> metadata;
  for (const auto& item : object.items()) {
    if (!item.value().is_string()) {
      refusal.damaged("its __metadata__ " + quote(item.key()) + " is not a string");
    }
    metadata[item.key()] = item.value().get<std::string>();
  }
  return metadata;
}

/// Sorts `entries` by place and proves that they cover the values exactly once.
void check_layout(std::vector<Entry>& entries, std::uint64_t data_size, const Refusal& refusal) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t position = 0;
  for (const Entry& entry : entries) {
    if (entry.begin > position) {
      refusal.about(entry.name)
          .damaged("leaves a hole of " + std::to_string(entry.begin - position) +
                   " bytes before it");
    }
    if (entry.begin < position) {
      refusal.about(entry.name).damaged("overlaps the tensor before it");
    }
    position = entry.end;
  }
  if (position != data_size) {
    refusal.damaged("has " + std::to_string(data_size - position) +
                    " bytes that belong to no tensor at its end");
  }
}

/// Looks at the bits, since a compiler told of fast arithmetic drops std::isfinite.
bool is_finite(float value) {
  constexpr std::uint32_t kExponent = 0x7f800000;
  return (bits_as<std::uint32_t>(value) & kExponent) != kExponent;
}

NamedTensor read_tensor(Entry& entry, ByteView data, const Refusal& refusal) {
  const ByteView bytes = data.subspan(static_cast<std::size_t>(entry.begin),
                                      static_cast<std::size_t>(entry.end - entry.begin));
  NamedTensor tensor{std::move(entry.name), std::move(entry.shape), entry.type->read(bytes)};
  if (!std::all_of(tensor.values.begin(), tensor.values.end(), is_finite)) {
    refusal.about(tensor.name)
        .damaged(std::string("holds a value that is not finite") +
                 (entry.type->size == 8 ? " as a 32-bit float" : ""));
  }
  return tensor;
}

/// "BF16 values were widened to F32, F64 values narrowed": what a reader of F32 ought to know.
std::string note_on(const std::vector<Entry>& entries) {
  std::map<std::string, int> counts;
  for (const Entry& entry : entries) counts[entry.type != nullptr ? entry.type->name : ""] += 1;
  std::string note;
  const auto add = [&](const char* type, const char* what) {
    if (!counts.contains(type)) return;
    note += (note.empty() ? "" : ", ") + std::to_string(counts[type]) + " of its tensors are " +
            type + ", " + what + " to F32";
  };
  add("BF16", "widened");
  add("F64", "narrowed");
  return note;
}

void check_writable(const NamedTensor& tensor, Dtype dtype) {
  for (const float value : tensor.values) {
    if (!is_finite(value)) {
      throw Error("tensor " + quote(tensor.name) +
                  ": holds a value that is not finite; the training has diverged, lower its " +
                  "learning rate");
    }
    if (dtype == Dtype::F16 && !is_finite(half_to_float(float_to_half(value)))) {
      throw Error("tensor " + quote(tensor.name) + ": holds " + std::to_string(value) +
                  ", too large for F16; write it as F32");
    }
  }
}

[[maybe_unused]] bool is_only_one(const std::string& name,
                                  const std::vector<NamedTensor>& tensors) {
  return std::count_if(tensors.begin(), tensors.end(),
                       [&](const NamedTensor& tensor) { return tensor.name == name; }) == 1;
}

}  // namespace

Safetensors parse_safetensors(ByteView file, const std::string& name, const SkipTensor& skip) {
  const Refusal refusal(name);
  const ByteView header = find_header(file, refusal, name);
  const ByteView data = file.subspan(kLengthSize + header.size());
  const Json json = parse_header(header, refusal);

  Safetensors content;
  std::vector<Entry> entries;
  for (const auto& item : json.items()) {
    if (item.key() == kMetadata) {
      content.metadata = parse_metadata(item.value(), refusal);
    } else {
      const bool skipped = skip && skip(item.key());
      entries.push_back(
          parse_entry(item.key(), item.value(), data.size(), skipped, refusal.about(item.key())));
    }
  }
  check_layout(entries, data.size(), refusal);
  content.note = note_on(entries);
  for (Entry& entry : entries) {
    if (entry.type != nullptr) content.tensors.push_back(read_tensor(entry, data, refusal));
  }
  return content;
}

Bytes write_safetensors(const Safetensors& content, Dtype dtype) {
  const auto json_text = [](const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  // Written key by key: an object of nlohmann::json would put the tensors in another order.
  std::string text = "{";
  const auto add = [&](const std::string& key, const std::string& value) {
    text += (text.size() > 1 ? "," : "") + json_text(key) + ':' + value;
  };
  if (!content.metadata.empty()) add(kMetadata, json_text(content.metadata));
  std::uint64_t begin = 0;
  for (const NamedTensor& tensor : content.tensors) {
    assert(tensor.name != kMetadata && is_only_one(tensor.name, content.tensors));
    assert(element_count(tensor.shape) == static_cast<std::int64_t>(tensor.values.size()));
    check_writable(tensor, dtype);
    const std::uint64_t end = begin + tensor.values.size() * size_of(dtype);
    add(tensor.name, std::string(R"({"dtype":")") + (dtype == Dtype::F32 ? "F32" : "F16") +
                         R"(","shape":)" + json_text(tensor.shape) + R"(,"data_offsets":[)" +
                         std::to_string(begin) + ',' + std::to_string(end) + "]}");
    begin = end;
  }
  text += '}';
  while ((kLengthSize + text.size()) % kAlignment != 0) text += ' ';
  if (text.size() > kLargestHeader) {
    throw Error("metadata: the header comes to " + std::to_string(text.size()) +
                " bytes, above the " + std::to_string(kLargestHeader) +
                " allowed; shorten the metadata");
  }

  Bytes out;
  append_le(out, static_cast<std::uint64_t>(text.size()));
  append_array_le(out, std::span<const char>(text));
  for (const NamedTensor& tensor : content.tensors) {
    if (dtype == Dtype::F32) {
      append_array_le(out, std::span<const float>(tensor.values));
    } else {
      for (const float value : tensor.values) append_le(out, float_to_half(value));
    }
  }
  return out;
}

}  // namespace inoculate
