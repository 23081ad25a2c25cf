#include "formats/onnx/rewrite.h"

#include <cmath>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "data/float16.h"
#include "formats/onnx/model.h"
#include "formats/onnx/protobuf.h"

namespace inoculate {
namespace {

using protozero::pbf_reader;
using protozero::pbf_writer;

// TensorProto.DataType
using enum OnnxTensor::Type;

std::uint16_t to_bfloat16(float value) {
  const auto bits = bits_as<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16 & 1)) >> 16);
}

/// Writes the messages of onnx.proto (field numbers as there) of one file anew.
class Rewriter {
 public:
  Rewriter(const NewNumbers& numbers, const std::map<std::string, std::string>& metadata,
           const std::string& name)
      : numbers_(numbers), metadata_(metadata), name_(name) {}

  Bytes file(ByteView file) {
    out_.reserve(file.size() + file.size() / 64);
    pbf_writer to(out_);
    copy(pbf_reader(reinterpret_cast<const char*>(file.data()), file.size()),
         [&](pbf_reader field) {
           const auto tag = field.tag();  // a reader may forget it with the value
           if (tag == 14) return metadata_.contains(key_of(field.get_message()));
           if (tag == 7) graph(pbf_writer(to, 7), field.get_message());
           return tag == 7;
         });
    for (const auto& [key, value] : metadata_) {
      pbf_writer entry(to, 14);
      entry.add_string(1, key);
      entry.add_string(2, value);
    }
    return {out_.begin(), out_.end()};
  }

 private:
  // Copies the fields of a message as they are, but for those of which replace(field) is true: it
  // has written them in its own way, or wants them gone.
  template <class F>
  void copy(pbf_reader message, F&& replace) {
    for (;;) {
      const char* begin = message.data().data();
      if (!next_field(message)) return;
      const pbf_reader field = message;
      message.skip();
      if (!replace(field)) out_.append(begin, message.data().data());
    }
  }

  static std::string key_of(pbf_reader entry) {
    std::string key;
    while (next_field(entry)) {
      if (entry.tag() == 1) {
        key = entry.get_string();
      } else {
        entry.skip();
      }
    }
    return key;
  }

  void graph(pbf_writer to, pbf_reader message) {
    int nodes = 0;
    copy(message, [&](pbf_reader field) {
      const auto tag = field.tag();
      if (tag == 1) node(pbf_writer(to, 1), field.get_message(), nodes++);
      if (tag == 5) tensor(pbf_writer(to, 5), field.get_message(), -1, "");
      return tag == 1 || tag == 5;
    });
  }

  void node(pbf_writer to, pbf_reader message, int number) {
    std::set<std::string> seen;  // of two attributes of one name the first counts
    copy(message, [&](pbf_reader field) {
      if (field.tag() != 5) return false;
      const pbf_reader attribute = field.get_message();
      const std::string name = key_of(attribute);
      if (!seen.insert(name).second) return false;
      pbf_writer inner(to, 5);
      copy(attribute, [&](pbf_reader part) {
        const bool is_tensor = part.tag() == 5;
        if (is_tensor) tensor(pbf_writer(inner, 5), part.get_message(), number, name);
        return is_tensor;
      });
      return true;
    });
  }

  // An initialiser says itself what it is called.
  void tensor(pbf_writer to, pbf_reader message, int node, std::string name) {
    int type = 0;
    bool is_raw = false;
    for (pbf_reader field = message; next_field(field);) {
      if (field.tag() == 2) {
        type = field.get_int32();
      } else if (field.tag() == 8 && node < 0) {
        name = field.get_string();
      } else {
        is_raw |= field.tag() == 9;
        field.skip();
      }
    }
    const std::vector<float>* numbers = numbers_(node, name);
    bool written = false;
    copy(message, [&](pbf_reader field) {
      const auto tag = field.tag();  // float_data, int32_data, raw_data, double_data
      if (numbers == nullptr || (tag != 4 && tag != 5 && tag != 9 && tag != 10)) return false;
      if (!std::exchange(written, true)) write(to, *numbers, type, is_raw, name);
      return true;
    });
  }

  void write(pbf_writer& to, const std::vector<float>& numbers, int type, bool is_raw,
             const std::string& name) const {
    if (type == kFloat16 || type == kBfloat16) {
      std::vector<std::uint16_t> halves;
      for (const float number : numbers) {
        const bool half = type == kFloat16;
        halves.push_back(half ? float_to_half(number) : to_bfloat16(number));
        if (!std::isfinite(half ? half_to_float(halves.back()) : bfloat_to_float(halves.back()))) {
          throw Error(name_ + ": tensor " + quote(name) + " would hold " + std::to_string(number) +
                      ", which is too large for its type of 16 bits; train with a lower learning "
                      "rate, or a network of 32 bits");
        }
      }
      is_raw ? add_raw(to, halves) : to.add_packed_uint32(5, halves.begin(), halves.end());
    } else if (type == kDouble) {
      const std::vector<double> doubles(numbers.begin(), numbers.end());
      is_raw ? add_raw(to, doubles) : to.add_packed_double(10, doubles.begin(), doubles.end());
    } else {
      is_raw ? add_raw(to, numbers) : to.add_packed_float(4, numbers.begin(), numbers.end());
    }
  }

  template <class T>
  static void add_raw(pbf_writer& to, const std::vector<T>& values) {
    to.add_bytes(9, reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }

  const NewNumbers& numbers_;
  const std::map<std::string, std::string>& metadata_;
  const std::string& name_;
  std::string out_;
};

}  // namespace

Bytes rewrite_onnx(ByteView file, const NewNumbers& numbers,
                   const std::map<std::string, std::string>& metadata, const std::string& name) {
  try {
    return Rewriter(numbers, metadata, name).file(file);
  } catch (const protozero::exception&) {
    throw Error(name + ": is no ONNX model, or a damaged or incomplete one; export it again");
  }
}

}  // namespace inoculate
