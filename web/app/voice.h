// What the page says to its visitor.
#pragma once

#include <functional>
#include <string>
#include <utility>

namespace inoculate::page {

/// A line shown to the visitor until it is dismissed or replaced.
struct Notice {
  std::string text;
  bool is_error = false;
};

/// Speaks through a notice, and to those who do not see the canvas.
class Voice {
 public:
  Voice(Notice& notice, std::function<void(const std::string& sentence)> announce)
      : notice_(notice), announce_(std::move(announce)) {}

  /// Shows the sentence and announces it.
  void say(const std::string& sentence, bool is_error = false) const {
    notice_ = {sentence, is_error};
    announce_(sentence);
  }
  /// To those who do not see the canvas alone.
  void announce(const std::string& sentence) const { announce_(sentence); }
  /// Takes away what is shown.
  void dismiss() const { notice_ = {}; }

 private:
  Notice& notice_;
  std::function<void(const std::string& sentence)> announce_;
};

}  // namespace inoculate::page
