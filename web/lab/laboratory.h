// The laboratory: work too long for a frame of the page, done a slice at a time.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "data/dataset.h"
#include "nn/network.h"
#include "web/lab/message.h"

namespace inoculate::page {

/// The digits as one body of a message: their labels, then their pixels.
Bytes pack_digits(const Dataset& digits);

/// How many of the page's digits are held out: those at the end. The others are inoculated with.
inline constexpr int kHeldOut = 1000;

/// Does the jobs it is sent, one after another; see message.h. It has no thread of its own: whoever
/// owns it calls `work` while there is any, and messages may come in between.
class Laboratory {
 public:
  explicit Laboratory(Send send) : send_(std::move(send)) {}

  /// Never throws: what is wrong with a message is answered with an error.
  void receive(Message message);
  /// Whether there is anything to do now.
  bool busy() const { return (job_ || !waiting_.empty()) && !paused_; }
  /// A slice of the job: some milliseconds of training, or one measurement.
  void work();

 private:
  /// Does a slice; false when it was the last.
  using Slice = std::function<bool()>;
  struct Job {
    Json id;
    Slice slice;
  };

  void stop(const Json& id);
  Slice begin(const Message& message);
  Slice inoculation(const Message& message);
  Slice evaluation(const Message& message);
  Slice sweep(const Message& message);
  Slice attack(const Message& message);
  void require_digits() const;

  Send send_;
  Dataset pool_;                     // to inoculate with
  Dataset held_out_;                 // to measure on
  std::map<int, Network> networks_;  // to attack, by their senders' numbers
  std::deque<Message> waiting_;
  std::optional<Job> job_;
  bool paused_ = false;
};

}  // namespace inoculate::page
