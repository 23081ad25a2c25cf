// What surrounds a picture: its margin, a title above, and words below a line.
#pragma once

#include <string>
#include <vector>

#include "pictures/canvas.h"
#include "pictures/palette.h"

namespace inoculate {

inline constexpr int kMargin = 48;
inline constexpr float kTitleSize = 30;
inline constexpr float kHeadingSize = 19;  ///< of what stands beside or above a part
inline constexpr float kNoteSize = 15;     ///< of everything that explains

class Frame {
 public:
  /// Both texts are broken to what a picture of that width has room for.
  Frame(const std::string& title, const std::string& footer, int width);

  int width() const { return width_; }
  /// Where the picture begins, below the title.
  int top() const;
  /// A canvas with title and words, whose line above the words lies at `rule`.
  Canvas canvas(int rule) const;

 private:
  int width_;
  std::vector<std::string> title_, footer_;
};

}  // namespace inoculate
