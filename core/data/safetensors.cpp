#include "data/safetensors.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "data/float16.h"

namespace inoculate {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLengthSize = 8;  // the header's length, in front of it
constexpr std::size_t kLargestHeader = std::size_t{64} << 10;
constexpr std::size_t kAlignment = 8;  // of the values in the file
constexpr int kDeepest = 3;            // file, tensor, shape
const char* const kMetadata = "__metadata__";

/// One entry of the header; begin and end count bytes from the end of the header.
struct Entry {
  std::string name;
  Dtype dtype = Dtype::F32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

std::size_t size_of(Dtype dtype) { return dtype == Dtype::F32 ? 4 : 2; }

/// A name out of the file for a message: in quotes, in one line, printable, not endless.
std::string quoted(const std::string& text) {
  constexpr std::size_t kLongest = 80;
  return Json(text.substr(0, kLongest)).dump(-1, ' ', true, Json::error_handler_t::replace);
}

/// Throws Errors about one file, or about one tensor in it.
class Refusal {
 public:
  explicit Refusal(std::string name) : name_(std::move(name)) {}

  Refusal about(const std::string& tensor) const {
    return Refusal(name_ + ": tensor " + quoted(tensor));
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

ByteView find_header(ByteView file, const Refusal& refusal) {
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
  // The JSON library takes a NUL byte for the end and skips a byte order mark.
  if (header.empty() || header[0] != '{' ||
      std::find(header.begin(), header.end(), 0) != header.end()) {
    refusal.damaged("its header is no JSON object");
  }
  // It also keeps the last of several equal keys, and nests as deeply as it is told to.
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int depth, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      if (depth >= kDeepest) refusal.damaged("its header is nested too deeply");
      if (event == Event::object_start) keys.emplace_back();
    } else if (event == Event::object_end) {
      keys.pop_back();
    } else if (event == Event::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys.back().insert(key).second) {
        refusal.damaged("its header names " + quoted(key) + " twice");
      }
    }
    return true;
  };
  try {
    return Json::parse(header.begin(), header.end(), check);
  } catch (const Json::parse_error& error) {
    refusal.damaged("its header is no JSON from byte " + std::to_string(error.byte) + " on");
  } catch (const Json::out_of_range&) {
    refusal.damaged("its header holds a number beyond all bounds");
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
  if (!sound) refusal.damaged(std::string("its ") + what + " is no list of sizes");
  return values;
}

Entry parse_entry(const std::string& name, const Json& object, std::uint64_t data_size,
                  const Refusal& refusal) {
  if (!object.is_object() || object.size() != 3 || !object.contains("dtype") ||
      !object.contains("shape") || !object.contains("data_offsets")) {
    refusal.damaged("is not described by dtype, shape and data_offsets");
  }
  Entry entry;
  entry.name = name;
  const Json& dtype = object["dtype"];
  if (!dtype.is_string()) refusal.damaged("its dtype is no string");
  if (dtype != "F32" && dtype != "F16") {
    refusal.unsuitable("its dtype is " + quoted(dtype.get<std::string>()) + ", not F32 or F16");
  }
  entry.dtype = dtype == "F32" ? Dtype::F32 : Dtype::F16;

  entry.shape = parse_list(object["shape"], "shape", refusal);
  const std::optional<std::int64_t> count = element_count(entry.shape);
  if (!count) refusal.damaged("its shape holds more values than can be counted");

  const auto offsets = parse_list(object["data_offsets"], "data_offsets", refusal);
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    refusal.damaged("its data_offsets are no begin and end");
  }
  entry.begin = static_cast<std::uint64_t>(offsets[0]);
  entry.end = static_cast<std::uint64_t>(offsets[1]);
  // Divided rather than multiplied: count comes from the file and may be anything.
  const std::uint64_t bytes = entry.end - entry.begin;
  const std::size_t each = size_of(entry.dtype);
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
  if (!object.is_object()) refusal.damaged("its __metadata__ is no JSON object");
  std::map<std::string, std::string> metadata;
  for (const auto& item : object.items()) {
    if (!item.value().is_string()) {
      refusal.damaged("its __metadata__ " + quoted(item.key()) + " is no string");
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
  NamedTensor tensor{std::move(entry.name), std::move(entry.shape), {}};
  if (entry.dtype == Dtype::F32) {
    tensor.values = load_array_le<float>(bytes);
  } else {
    tensor.values.reserve(bytes.size() / sizeof(std::uint16_t));
    for (const std::uint16_t half : load_array_le<std::uint16_t>(bytes)) {
      tensor.values.push_back(half_to_float(half));
    }
  }
  if (!std::all_of(tensor.values.begin(), tensor.values.end(), is_finite)) {
    refusal.about(tensor.name).damaged("holds a value that is not finite");
  }
  return tensor;
}

void check_writable(const NamedTensor& tensor, Dtype dtype) {
  for (const float value : tensor.values) {
    if (!is_finite(value)) {
      throw Error("tensor " + quoted(tensor.name) +
                  ": holds a value that is not finite; the training has diverged, lower its " +
                  "learning rate");
    }
    if (dtype == Dtype::F16 && !is_finite(half_to_float(float_to_half(value)))) {
      throw Error("tensor " + quoted(tensor.name) + ": holds " + std::to_string(value) +
                  ", too large for F16; write it as F32");
    }
  }
}

}  // namespace

Safetensors parse_safetensors(ByteView file, const std::string& name) {
  const Refusal refusal(name);
  const ByteView header = find_header(file, refusal);
  const ByteView data = file.subspan(kLengthSize + header.size());
  const Json json = parse_header(header, refusal);

  Safetensors content;
  std::vector<Entry> entries;
  for (const auto& item : json.items()) {
    if (item.key() == kMetadata) {
      content.metadata = parse_metadata(item.value(), refusal);
    } else {
      entries.push_back(
          parse_entry(item.key(), item.value(), data.size(), refusal.about(item.key())));
    }
  }
  check_layout(entries, data.size(), refusal);
  for (Entry& entry : entries) content.tensors.push_back(read_tensor(entry, data, refusal));
  return content;
}

Bytes write_safetensors(const Safetensors& content, Dtype dtype) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!content.metadata.empty()) header[kMetadata] = content.metadata;
  std::uint64_t begin = 0;
  for (const NamedTensor& tensor : content.tensors) {
    assert(tensor.name != kMetadata && !header.contains(tensor.name));
    assert(element_count(tensor.shape) == static_cast<std::int64_t>(tensor.values.size()));
    check_writable(tensor, dtype);
    const std::uint64_t end = begin + tensor.values.size() * size_of(dtype);
    header[tensor.name] = {{"dtype", dtype == Dtype::F32 ? "F32" : "F16"},
                           {"shape", tensor.shape},
                           {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
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
