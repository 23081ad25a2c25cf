// Work too long for a frame of the page: jobs that come as messages (message.h), done one after
// another, a slice at a time.
#pragma once

#include <deque>
#include <functional>
#include <optional>

#include "web/lab/message.h"

namespace inoculate::page {

/// It has no thread of its own: whoever owns it calls `work` while there is any, and messages may
/// come in between.
class Jobs {
 public:
  /// Does a slice; false when it was the last.
  using Slice = std::function<bool()>;
  /// What a message asks for: its slices, or nothing where it is done at once. What is thrown is
  /// answered with an error.
  using Begin = std::function<Slice(const Message&)>;

  Jobs(Send send, Begin begin) : send_(std::move(send)), begin_(std::move(begin)) {}
  Jobs(const Jobs&) = delete;  // what begins a job may refer to whoever has this
  Jobs& operator=(const Jobs&) = delete;

  /// Never throws: what is wrong with a message is answered with an error.
  void receive(Message message);
  /// Whether there is anything to do now.
  bool busy() const;
  /// A slice of the job.
  void work();

 private:
  struct Job {
    Json id;
    Slice slice;
  };
  void stop(const Json& id);

  Send send_;
  Begin begin_;
  std::deque<Message> waiting_;
  std::optional<Job> job_;
  std::optional<Json> paused_;  // the job of that id, and what waits behind it
};

/// What a message says it is; it may be anything.
std::string kind_of(const Message& message);

}  // namespace inoculate::page
