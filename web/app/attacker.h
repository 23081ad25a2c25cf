// What is asked of the attacker, the worker that attacks: the page's networks side by side, and the
// attacks too slow for a frame.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "web/app/models.h"
#include "web/lab/message.h"
#include "web/lab/picture_attack.h"

namespace inoculate::page {

/// One network and the picture of the moment; what is not known yet is missing.
struct NetworkUnderAttack {
  std::optional<Reading> attacked;    ///< of an adversary made against this network
  std::optional<EpsilonSweep> sweep;  ///< over adversaries made against it
};

/// Asks one question after another, so that a change of mind costs no more than one. Networks are
/// numbered as the models' list has them; one that was inoculated follows with the next number.
class Attacker {
 public:
  /// `restart` stops the worker at once, with whatever it is doing; the next message starts it.
  Attacker(const Models& models, Send send, std::function<void()> restart);

  /// Asks all networks about a picture; answers to what was asked before are dropped. Curves are
  /// kept where only the attack's strength changed: `same_curves`.
  void ask(const Picture& picture, int label, const AttackSettings& settings, bool same_curves);
  /// Asks nothing more and forgets what is known.
  void forget();
  /// Stops it at once; what is known stays.
  void cancel();

  /// Takes an answer; throws Error with what went wrong. True when the adversary of the network in
  /// use has come.
  bool receive(const Message& message);

  const std::vector<NetworkUnderAttack>& networks() const { return networks_; }
  /// Which of them is in use.
  std::size_t in_use() const;
  /// The adversary of the network in use, once it has come.
  const std::optional<Adversary>& adversary() const { return adversary_; }
  /// Whether it is still to come.
  bool attacking() const { return busy_ && !adversary_; }
  /// How far the attack at work is, 0..1.
  float progress() const { return progress_; }

 private:
  struct Question {
    std::size_t network = 0;
    bool curve = false;
  };
  void ask_next();
  const Network& network(std::size_t number) const;

  const Models& models_;
  Send send_;
  std::function<void()> restart_;
  PictureAttack attack_;
  std::deque<Question> questions_;
  std::uint64_t last_id_ = 0;
  std::uint64_t first_id_of_mind_ = 0;  // answers to earlier ones are dropped
  bool busy_ = false;
  float progress_ = 0;
  int sent_revision_ = -1;
  std::vector<bool> sent_;  // whose weights the worker has
  std::vector<NetworkUnderAttack> networks_;
  std::optional<Adversary> adversary_;
};

}  // namespace inoculate::page
