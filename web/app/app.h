// The page as its visitor finds it: everything it knows, and everything that can be done with it.
//
// Panels show it and call it; so do keys (actions.h), scripts (api.h) and links (link.h). It draws
// nothing, and reaches the world only through its Platform.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "data/dataset.h"
#include "picture/picture.h"
#include "web/app/attacker.h"
#include "web/app/digit_file.h"
#include "web/app/experiments.h"
#include "web/app/exports.h"
#include "web/app/models.h"
#include "web/app/pad.h"
#include "web/app/voice.h"

namespace inoculate::page {

/// What the application needs of the browser, or of the system. All may be called at any time.
struct Platform {
  Send to_laboratory;                      ///< the worker that trains and measures
  Send to_attacker;                        ///< the worker that attacks
  std::function<void()> restart_attacker;  ///< stops it at once; the next message starts it anew
  std::function<void(const std::string& name, const Bytes& content)> save_file;
  std::function<void()> ask_for_weights;  ///< opens a file dialogue; the answer is load_weights()
  std::function<void()> ask_for_picture;  ///< the same; the answer is open_picture()
  /// Puts the link into the address and on the clipboard; the answer is link_shared().
  std::function<void(const std::string& fragment)> share_link;
  std::function<void(const std::string& sentence)>
      announce;                                            ///< to those who do not see the canvas
  std::function<void(const std::string& name)> open_room;  ///< leaves this one for another
  /// Takes the pad's digit to the room of photographs, where networks of one's own read it.
  std::function<void()> ask_networks;
};

/// A room of the page, as its header names it; this application is the first of them.
struct RoomName {
  std::string name, title;
};

struct PenSettings {
  float radius = 0.045F;  ///< kThinnestPen..kThickestPen, as a share of the pad
  bool erase = false;
  PadPoint at{0.5F, 0.5F};  ///< where the keyboard has moved it
  int stroke = -1;          ///< the pad's revision when it last drew: down until another's
};

class App {
 public:
  explicit App(Platform platform);
  App(const App&) = delete;  // parts of it refer to one another
  App& operator=(const App&) = delete;

  // What it shows.
  Pad pad;
  PenSettings pen;
  AttackSettings attack;
  InoculationSettings inoculation;
  Notice notice;
  std::vector<RoomName> rooms;

  const Models& models() const { return models_; }
  const Dataset& digits() const { return digits_; }
  /// The array of digits that the visitor opened last, if any; and which of it is on the pad, if
  /// any.
  const std::optional<DigitFile>& digit_file() const { return digit_file_; }
  std::optional<int> image_on_pad() const;
  /// What the network reads, and what the attack makes of it; none while the pad is empty or the
  /// network has not arrived.
  const std::optional<Reading>& reading() const { return reading_; }
  const std::optional<AttackOutcome>& outcome() const { return outcome_; }
  /// Whether the outcome is that of the attack as it is set. Until the attacker has answered it is
  /// an earlier one of this picture, or the picture as it is.
  bool attacked() const { return attacked_; }
  /// The networks side by side, by number: all of the models' list, and the one in use where it is
  /// none of them any more. Empty while nothing is known of them.
  const std::vector<NetworkUnderAttack>& networks() const { return attacker_.networks(); }
  std::size_t network_in_use() const { return attacker_.in_use(); }
  std::string network_title(std::size_t number) const;
  /// The outcome's adversary as each of them reads it.
  const std::vector<Reading>& transferred() const { return transferred_; }
  /// Why the picture is not attacked, one sentence: its own class is the target, or the network
  /// cannot read it. Empty if there is no reason.
  const std::string& refusal() const { return refusal_; }
  /// Whether the class that is attacked is the target: nothing could come of that.
  bool targets_own_label(const AttackSettings& settings) const;
  /// Whether the outcome is still to come, and how far it is.
  bool attacking() const { return attacker_.attacking(); }
  float attack_progress() const { return attacker_.progress(); }
  /// Inoculations, accuracies and curves: the laboratory's work.
  const Experiments& experiments() const { return experiments_; }
  Experiments& experiments() { return experiments_; }
  /// The class that is attacked: the picture's own where it is known, else what is read.
  int attacked_label() const;
  /// Whether the network reads a picture of known label wrongly, before any attack.
  bool misread() const;

  // What can be done.
  void add_model(const std::string& name, const std::string& title, const std::string& note,
                 ByteView file);
  void set_digits(Dataset digits);
  /// False, with a notice, while an inoculation runs; so do all that replace the weights.
  bool choose_model(std::size_t index);
  /// Takes one of the held-out digits: any, or one of class `digit`.
  void take_random_digit(std::optional<int> digit);
  void take_digit(int index);
  /// Puts the digit of a picture that the visitor brought on the pad, prepared as MNIST's were, and
  /// gives what was done to it, in a few words. Throws Error, leaving everything as it is, when
  /// there is no digit in it.
  std::string open_picture(const ColorPicture& picture, const std::string& file_name);
  /// Opens an array of digits (see digit_file.h) and puts image `number` of it on the pad; gives
  /// what was done to it, in a few words. Throws Error, leaving everything as it is, when it
  /// cannot.
  std::string open_digits(ByteView file, const std::string& file_name, int number);
  /// Puts another image of that array on the pad. Throws Error when there is none of this number.
  std::string take_image(int number);
  void find_smallest_epsilon();
  void reroll_noise();
  /// Stops an attack that takes too long.
  void cancel_attack();
  /// Calls back when the outcome of the settings has come, or will not come.
  void when_attacked(std::function<void(const std::string& error)> on_end);
  /// Inoculates the network in use as it is set.
  void inoculate(OnJobEnd on_end = {}) { experiments_.inoculate(inoculation, std::move(on_end)); }
  /// Back to the chosen model's own weights.
  bool reset();
  /// Uses a weights file; a bad one becomes an error notice, and false.
  bool load_weights(ByteView file, const std::string& name);
  Bytes weights_file() const;
  void save_weights();
  void ask_for_weights() { platform_.ask_for_weights(); }
  void ask_for_picture() { platform_.ask_for_picture(); }
  void save_adversary(PictureFormat format = PictureFormat::kPng);
  void save_digit(PictureFormat format);
  void save_sheet();
  void share_link();
  void open_room(const std::string& name) { platform_.open_room(name); }
  void ask_networks() { platform_.ask_networks(); }
  /// How share_link came out: whether the link could be put on the clipboard.
  void link_shared(bool copied);
  /// Whether a pen stroke is being drawn: what costs more than a frame then waits.
  void set_pen_down(bool down) { pen_down_ = down; }
  /// Tells that there is no room for more strokes, on the pad or on the adversary.
  void tell_no_more_ink();

  /// A message of the attacker.
  void receive_from_attacker(const Message& message);
  /// Brings the results up to date with the settings. Once a frame; costs nothing when nothing
  /// changed.
  void update();

 private:
  void announce_when_settled();
  void look_and_attack();
  void show_outcome(AttackOutcome outcome);
  void end_attack(const std::string& error);
  Platform platform_;
  Voice voice_;
  Models models_;
  Dataset digits_;
  std::optional<DigitFile> digit_file_;
  Experiments experiments_;
  Attacker attacker_;
  Rng taking_;
  std::optional<Reading> reading_;
  std::optional<AttackOutcome> outcome_;
  bool attacked_ = false;
  std::string refusal_;
  std::vector<Reading> transferred_;
  std::vector<std::function<void(const std::string&)>> on_attacked_;
  bool pen_down_ = false;

  int seen_pad_ = -1, seen_models_ = -1;
  AttackSettings seen_attack_;
  bool questions_due_ = false, curves_due_ = true;
  std::string announced_;
};

}  // namespace inoculate::page
