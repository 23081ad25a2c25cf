#include "formats/onnx/tensor.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/quote.h"
#include "data/float16.h"

namespace inoculate {
namespace {

using enum OnnxTensor::Type;

constexpr std::size_t kMostAxes = 8;
constexpr std::int64_t kMostValues = std::int64_t{1} << 29;

struct Raw {
  std::string name;
  Sizes dims;
  int type = 0;
  bool external = false, has_bytes = false;
  ByteView bytes;
  std::vector<float> floats;
  std::vector<std::int64_t> wholes;  // int32_data, int64_data
  std::vector<double> doubles;
};

ByteView view_of(protozero::data_view view) {
  return {reinterpret_cast<const std::uint8_t*>(view.data()), view.size()};
}

Raw parse(protozero::pbf_reader message) {
  Raw raw;
  while (next_field(message)) {
    switch (message.tag()) {
      case 1:
        append_integers(message, raw.dims);
        break;
      case 2:
        raw.type = message.get_int32();
        break;
      case 4:
        append_numbers(message, raw.floats);
        break;
      case 5:
      case 7:
        append_integers(message, raw.wholes);
        break;
      case 8:
        raw.name = message.get_string();
        break;
      case 9:
        raw.bytes = view_of(message.get_view());
        raw.has_bytes = true;
        break;
      case 10:
        if (message.wire_type() == protozero::pbf_wire_type::length_delimited) {
          for (const double value : message.get_packed_double()) raw.doubles.push_back(value);
        } else {
          raw.doubles.push_back(message.get_double());
        }
        break;
      case 14:
        raw.external |= message.get_int32() == 1;
        break;
      default:
        raw.external |= message.tag() == 13;
        message.skip();
    }
  }
  return raw;
}

std::size_t width_of(int type) {
  switch (type) {
    case kUint8:
    case kInt8:
    case kBool:
      return 1;
    case kFloat16:
    case kBfloat16:
      return 2;
    case kFloat:
    case kInt32:
      return 4;
    case kInt64:
    case kDouble:
      return 8;
    default:
      return 0;
  }
}

float from_bfloat16(std::uint16_t bits) {
  return bits_as<float>(static_cast<std::uint32_t>(bits) << 16);
}

// The values of raw_data; its length has been checked.
template <class Stored, class To, class F>
void convert(ByteView bytes, std::vector<To>& to, F&& each) {
  to.reserve(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < bytes.size(); i += sizeof(Stored)) {
    to.push_back(each(load_le<Stored>(bytes.subspan(i))));
  }
}

void take_bytes(const Raw& raw, OnnxTensor& tensor) {
  const auto whole = [](auto value) { return static_cast<std::int64_t>(value); };
  switch (raw.type) {
    case kFloat:
      tensor.floats = load_array_le<float>(raw.bytes);
      break;
    case kFloat16:
      convert<std::uint16_t>(raw.bytes, tensor.floats, half_to_float);
      break;
    case kBfloat16:
      convert<std::uint16_t>(raw.bytes, tensor.floats, from_bfloat16);
      break;
    case kDouble:
      convert<double>(raw.bytes, tensor.floats, [](double v) { return static_cast<float>(v); });
      break;
    case kInt32:
      convert<std::int32_t>(raw.bytes, tensor.wholes, whole);
      break;
    case kInt64:
      tensor.wholes = load_array_le<std::int64_t>(raw.bytes);
      break;
    case kInt8:
      convert<std::int8_t>(raw.bytes, tensor.wholes, whole);
      break;
    default:
      convert<std::uint8_t>(raw.bytes, tensor.wholes, whole);
  }
}

// The same from the typed fields; float16 has its bits in int32_data.
void take_fields(Raw& raw, OnnxTensor& tensor) {
  if (tensor.whole) {
    tensor.wholes = std::move(raw.wholes);
  } else if (raw.type == kFloat) {
    tensor.floats = std::move(raw.floats);
  } else if (raw.type == kDouble) {
    for (const double value : raw.doubles) tensor.floats.push_back(static_cast<float>(value));
  } else {
    for (const std::int64_t value : raw.wholes) {
      const auto bits = static_cast<std::uint16_t>(value);
      tensor.floats.push_back(raw.type == kFloat16 ? half_to_float(bits) : from_bfloat16(bits));
    }
  }
}

}  // namespace

void append_numbers(protozero::pbf_reader& message, std::vector<float>& to) {
  if (message.wire_type() == protozero::pbf_wire_type::length_delimited) {
    for (const float value : message.get_packed_float()) to.push_back(value);
  } else {
    to.push_back(message.get_float());
  }
}

void append_integers(protozero::pbf_reader& message, std::vector<std::int64_t>& to) {
  if (message.wire_type() == protozero::pbf_wire_type::length_delimited) {
    for (const std::int64_t value : message.get_packed_int64()) to.push_back(value);
  } else {
    to.push_back(message.get_int64());
  }
}

std::pair<std::string, SharedTensor> read_onnx_tensor(protozero::pbf_reader message,
                                                      const std::string& file,
                                                      std::vector<std::string>& narrowed) {
  Raw raw = parse(message);
  const auto refuse = [&](const std::string& what) {
    throw Error(file + ": tensor " + quote(raw.name) + ": " + what);
  };
  if (raw.external) {
    refuse("its values lie in another file, which is not read; export with all data in one file");
  }
  const std::size_t width = width_of(raw.type);
  if (width == 0) {
    refuse("is of ONNX's type " + std::to_string(raw.type) +
           "; FLOAT, FLOAT16, BFLOAT16, DOUBLE, INT64, INT32, INT8, UINT8 and BOOL are read");
  }
  const auto count = element_count(raw.dims);
  if (!count || *count > kMostValues || raw.dims.size() > kMostAxes) {
    refuse("its dimensions are impossible or too large");
  }
  auto tensor = std::make_shared<OnnxTensor>();
  tensor->dims = raw.dims;
  tensor->whole = OnnxTensor::is_whole(raw.type);
  tensor->type = raw.type;
  if (raw.has_bytes) {
    if (raw.bytes.size() != static_cast<std::uint64_t>(*count) * width) {
      refuse("has " + std::to_string(raw.bytes.size()) + " bytes for " + std::to_string(*count) +
             " values; the file is damaged");
    }
    take_bytes(raw, *tensor);
  } else {
    take_fields(raw, *tensor);
  }
  if (tensor->size() != static_cast<std::uint64_t>(*count)) {
    refuse("has " + std::to_string(tensor->size()) + " values for dimensions of " +
           std::to_string(*count) + "; the file is damaged");
  }
  if (raw.type == kDouble) narrowed.push_back(raw.name);
  return {raw.name, std::move(tensor)};
}

}  // namespace inoculate
