#include "data/labels.h"

#include <cmath>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "data/file_kind.h"
#include "data/gzip.h"
#include "data/idx.h"
#include "data/npy.h"

namespace inoculate {
namespace {

Labels labels_of(const NpyArray& array) {
  const bool column = array.shape.size() == 2 && array.shape[1] == 1;
  if (array.shape.size() != 1 && !column) {
    throw Error(array.name + ": has " + std::to_string(array.shape.size()) +
                " dimensions where labels have one, [N]; write a class an image (of one-hot rows "
                "numpy.argmax(..., axis=1))");
  }
  Labels labels;
  for (const std::int64_t label : array.integers()) {
    if (label < 0 || label > kLargestLabel) {
      throw Error(array.name + ": label number " + std::to_string(labels.size()) + " is " +
                  std::to_string(label) + "; labels are classes, counted from 0");
    }
    labels.push_back(static_cast<Labels::value_type>(label));
  }
  return labels;
}

/// A label a line; "7.0e+00" is 7, as numpy.savetxt writes it. Blank lines stand at the end alone.
Labels labels_of(std::string_view text, const std::string& name) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  Labels labels;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::optional<double> value = parse_number(line);
    const bool is_fraction = line.find('/') != std::string_view::npos;
    if (!value || is_fraction || *value != std::floor(*value) || *value < 0 ||
        *value > kLargestLabel) {
      throw Error(name + ": line " + std::to_string(number) + " is " + quote(line) +
                  ", which is not a label; write a class, counted from 0, on each line");
    }
    labels.push_back(static_cast<Labels::value_type>(*value));
  }
  return labels;
}

/// Whether bytes are text as far as a file of numbers can tell.
bool is_text(ByteView file) {
  for (const std::uint8_t byte : file) {
    if (byte < ' ' && byte != '\t' && byte != '\r' && byte != '\n') return false;
  }
  return true;
}

}  // namespace

Labels parse_labels(ByteView file, const std::string& name) {
  Labels labels;
  if (is_npy(file)) {
    labels = labels_of(parse_npy(file, name));
  } else if (is_gzip(file) || (file.size() >= 2 && file[0] == 0 && file[1] == 0)) {
    labels = parse_idx_labels(file, name, 256);  // all that a byte holds
  } else if (is_text(file)) {
    labels = labels_of({reinterpret_cast<const char*>(file.data()), file.size()}, name);
  } else {
    const char* advice = "write .npy, IDX, or text with a number a line";
    refuse_known_kind(file, name, "a file of labels", advice);
    throw Error(name + ": is not a file of labels; " + std::string(advice));
  }
  if (labels.empty()) throw Error(name + ": holds no labels; write a class an image");
  return labels;
}

void require_labels(const Labels& labels, int classes, const std::string& name) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (int{labels[i]} < classes) continue;
    throw Error(name + ": label number " + std::to_string(i) + " is " + std::to_string(labels[i]) +
                ", but the network has only " + std::to_string(classes) + " classes, 0 to " +
                std::to_string(classes - 1) + "; give labels that fit the network");
  }
}

}  // namespace inoculate
