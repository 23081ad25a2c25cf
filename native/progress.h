// Progress of long work: a bar in a terminal, a plain line an epoch anywhere else.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace inoculate {

/// How progress is shown.
struct ProgressStyle {
  bool live = false;    ///< Redraw one line as a bar; else only finished epochs and tasks are told.
  bool colour = false;  ///< Only with `live`.
  int columns = 80;     ///< Width of the terminal; a bar stays below it.
};

/// The style for standard error: live in a terminal unless TERM is "dumb" or unset, coloured unless
/// NO_COLOR is set to anything but nothing.
ProgressStyle stderr_style();

/// Loss and accuracy (0..1) over some images.
struct Score {
  double loss = 0;
  double accuracy = 0;
};

/// Shows one piece of work after another: `begin...`, any number of `step`, then `...done`.
class Progress {
 public:
  /// Seconds from any fixed moment on.
  using Clock = std::function<double()>;

  /// Writes to `out`, which must outlive this; `clock` is there for tests.
  Progress(std::ostream& out, ProgressStyle style, Clock clock = steady_seconds);
  /// Ends a line that is still being redrawn, so that an error message starts on a fresh one.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Starts the clock of epoch `epoch` (from 1) of `epochs`.
  void begin_epoch(int epoch, int epochs);
  /// Starts the clock of some other work, such as "FGSM" over images.
  void begin(std::string name);

  /// `done` of `total` batches, images or queries are finished. Cheap: draws at most 20 times a
  /// second (and the last step), and only when live.
  void step(std::int64_t done, std::int64_t total);
  /// The same, with loss and accuracy so far.
  void step(std::int64_t done, std::int64_t total, double loss, double accuracy);

  /// Replaces the bar by the epoch's results, with the accuracy (0..1) in the worst case where
  /// there is one, called by `check`, and the time since begin_epoch.
  void epoch_done(Score training, std::optional<Score> validation = std::nullopt,
                  std::optional<double> worst = std::nullopt,
                  const std::string& check = "attacked");
  /// Replaces the bar by the work's name, `result` (may be empty) and the time since begin.
  void done(std::string_view result = {});

  /// Ends the line being redrawn, if any; to be called before anything else prints.
  void pause();

  /// The default clock.
  static double steady_seconds();

 private:
  void draw(std::int64_t done, std::int64_t total, const std::optional<Score>& score);
  void finish(const std::string& line);
  void replace_line(const std::string& line, std::size_t width);

  std::ostream& out_;
  ProgressStyle style_;
  Clock clock_;
  std::string name_;
  double start_ = 0;
  double last_drawn_ = 0;
  bool complete_drawn_ = false;
  std::size_t shown_width_ = 0;  // Columns of the line being redrawn; 0: there is none.
};

/// A length of time as text: "0.04 s", "12.3 s", "2 min 05 s", "1 h 02 min".
std::string duration_text(double seconds);

}  // namespace inoculate
