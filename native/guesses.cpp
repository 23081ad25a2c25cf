#include "native/guesses.h"

#include "base/quote.h"

namespace inoculate {

std::string class_text(const ModelSpec& model, int number) {
  const std::string text = std::to_string(number);
  return model.class_names.empty() ? text : text + " " + printable(class_name(model, number));
}

}  // namespace inoculate
