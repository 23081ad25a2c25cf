// The laboratory: training and measuring, and attacks too slow for a frame of the page.
#pragma once

#include <map>
#include <utility>

#include "data/dataset.h"
#include "nn/network.h"
#include "web/lab/jobs.h"

namespace inoculate::page {

/// The digits as one body of a message: their labels, then their pixels.
Bytes pack_digits(const Dataset& digits);

/// How many of the page's digits are held out: those at the end. The others are inoculated with.
inline constexpr int kHeldOut = 1000;

/// Does the jobs it is sent; see message.h and Jobs.
class Laboratory {
 public:
  explicit Laboratory(Send send)
      : send_(std::move(send)),
        jobs_(send_, [this](const Message& message) { return begin(message); }) {}

  Jobs& jobs() { return jobs_; }
  void receive(Message message) { jobs_.receive(std::move(message)); }
  bool busy() const { return jobs_.busy(); }
  void work() { jobs_.work(); }

 private:
  using Slice = Jobs::Slice;

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
  Jobs jobs_;
};

}  // namespace inoculate::page
