// The pad: what the visitor has drawn or taken, and the picture a network sees of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "web/picture/picture.h"
#include "web/picture/strokes.h"

namespace inoculate::page {

/// A file that a visitor brought.
struct PictureFile {
  std::string name;
  std::string how;              ///< what was done to prepare its digit, in a few words
  std::optional<int> number{};  ///< which of its images is taken, where it is an array of them
};

/// A picture taken instead of drawn: a digit of the sample, one of a script, or a visitor's file.
struct TakenPicture {
  Picture pixels;
  std::optional<int> label;           ///< what it shows, where that is known
  std::optional<int> sample;          ///< its place in the page's digits, when it is one of them
  std::optional<PictureFile> file{};  ///< what it was prepared from, if it was
};

/// Drawings are prepared from this many pixels a side; ten for each of the picture.
inline constexpr int kCanvasSide = 280;

/// Strokes on an empty pad are a drawing, and go through MNIST's own preparation. A taken picture
/// is the network's already; strokes over it change its pixels where they fall.
class Pad {
 public:
  /// Begins a stroke, or adds to the one begun; points outside the pad are moved to its edge.
  /// False, and nothing is drawn, when the pad would hold more than the limits in strokes.h.
  bool begin_stroke(PadPoint point, float radius, bool erase);
  bool extend_stroke(PadPoint point);
  /// As if the stroke begun last had never been: it was no drawing after all.
  void abandon_stroke();
  /// The pad holds an example of ours until the visitor draws or takes anything.
  void show_example(std::vector<Stroke> strokes);
  /// Adds strokes at once. Throws Error when the pad would hold more than it may.
  void draw_over(std::vector<Stroke> strokes);
  void take(TakenPicture picture);
  void clear();
  /// Takes back the last stroke, clearing or taking.
  void undo();

  bool empty() const { return picture_is_empty_; }
  bool can_undo() const { return !history_.empty(); }
  bool is_example() const { return example_; }
  const std::vector<Stroke>& strokes() const { return now_.strokes; }
  const std::optional<TakenPicture>& taken() const { return now_.taken; }
  /// What a network sees, every pixel one of 256 levels; all 0 when the pad is empty.
  const Picture& picture() const { return picture_; }
  /// The drawing itself, kCanvasSide x kCanvasSide values in 0..1, of which the picture is made.
  /// Empty while a picture is taken.
  const std::vector<float>& canvas() const { return canvas_; }
  /// Grows with every change.
  int revision() const { return revision_; }

 private:
  struct Content {
    std::optional<TakenPicture> taken;
    std::vector<Stroke> strokes;
  };
  void remember();
  void redraw();
  void draw_last_point();
  void changed();

  Content now_;
  Ink ink_;  // of its strokes
  std::vector<float> canvas_ = std::vector<float>(std::size_t{kCanvasSide} * kCanvasSide);
  std::vector<Content> history_;
  bool example_ = false;
  std::optional<std::vector<Stroke>> replaced_;  // the example, by the stroke begun last
  Picture picture_ = Picture(kPictureSize);
  bool picture_is_empty_ = true;
  int revision_ = 0;
};

}  // namespace inoculate::page
