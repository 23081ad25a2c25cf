// inoculate train-generator, --purify and attack generator as users run them.
#include "paths.h"
#include "refusals.h"

using namespace inoculate;

namespace {

Arguments train_generator(const std::string& kind, const std::string& out, const Arguments& more) {
  return with({"train-generator", "--kind", kind, "--data", small_data(), "--out", out}, more);
}

// One of either kind for all tests of this process.
const std::string& made(const std::string& kind) {
  static const TemporaryFolder folder;
  static std::map<std::string, std::string> files;
  std::string& file = files[kind];
  if (file.empty()) {
    file = folder / (kind + ".safetensors");
    run_well(train_generator(kind, file,
                             kind == "vae"
                                 ? Arguments{"--epochs", "15"}
                                 : Arguments{"--epochs", "12", "--against", golden_model()}));
  }
  return file;
}

Arguments quick_search() { return {"--purify-steps", "40", "--purify-restarts", "2"}; }

}  // namespace

TEST_CASE("train-generator makes a VAE, draws what it makes, and says how near it is",
          "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "vae.safetensors", sheet = folder / "sheet.png";
  const Arguments arguments =
      train_generator("vae", out, {"--epochs", "2", "--latent", "8", "--sheet", sheet});
  const Json json = json_of(arguments);
  CHECK(json.at("n") == kSmallTest);
  CHECK(json.at("kind") == "vae");
  CHECK(json.at("mean_squared_error").get<double>() < 0.1);
  CHECK(json.at("mean_l2").get<double>() > 0);
  const ColorPicture picture = read_png(read_whole_file(sheet), sheet);
  CHECK(picture.width > 900);
  const Safetensors file = parse_safetensors(read_whole_file(out), out);
  CHECK(file.metadata.at("kind") == "vae");
  CHECK(file.metadata.at("latent") == "8");
  CHECK(contains(file.metadata.at("trained_by"),
                 "inoculate train-generator --kind vae --latent 8 --epochs 2"));

  const std::string again = folder / "again.safetensors";
  run_well(train_generator("vae", again, {"--epochs", "2", "--latent", "8", "--threads", "1"}));
  CHECK(same_weights(out, again));
  const CommandResult text =
      run_well(train_generator("vae", again, {"--epochs", "1", "--seed", "2"}));
  CHECK(contains(text.out, "reconstruction of 200 test images"));
  CHECK_FALSE(same_weights(out, again));
}

TEST_CASE("a purified model is evaluated, shown, attacked and judged like any other", "[command]") {
  const TemporaryFolder folder;
  const Arguments purify = with({"--purify", made("vae")}, quick_search());
  const Json clean = json_of(with(golden("evaluate"), with(purify, {"--count", "60"})));
  check_evaluation(clean, 60);
  CHECK(clean.at("accuracy").get<double>() > 0.3);
  const std::string a = folder / "a.npy", b = folder / "b.npy";
  const Arguments predict = with(golden("predict"), purify);
  json_of(with(predict, {"--count", "9", "--logits", a}));
  json_of(with(predict, {"--count", "1", "--start", "8", "--logits", b, "--threads", "1"}));
  const auto whole = read_npy(a).floats(), last = read_npy(b).floats();
  CHECK(std::equal(last.begin(), last.end(), whole.end() - 10));

  const auto attacked = [&](const std::string& method, const Arguments& more) {
    Arguments arguments = with(golden("attack"), with(purify, more));
    arguments.insert(arguments.begin() + 1, method);
    return json_of(arguments);
  };
  const Arguments few{"--count", "20", "--epsilon", "0.3"};
  const Json straight = attacked("fgsm", few);
  CHECK(straight.at("perturbation").at("linf_largest") == 0);
  for (const char* method : {"bpda", "bpda-tangent", "latent"}) {
    CAPTURE(method);
    const Json json = attacked(method, with(few, {"--steps", "10"}));
    CHECK(json.at("adversarial_accuracy") <= json.at("clean_accuracy"));
    CHECK(json.at("success").at("count") > 0);
    CHECK(json.at("perturbation").at("linf_largest").get<double>() <= 0.3 + 1e-5);
  }
  const CommandResult judged =
      run_well(with({"robustness", "--data", small_data(), "--model", golden_model(), "--attacks",
                     "fgsm", "--count", "20", "--report", folder / "report"},
                    purify));
  CHECK(contains(judged.out, "have no gradient at all"));
  const Bytes bytes = read_whole_file(folder / "report/index.html");
  CHECK(
      contains(std::string(bytes.begin(), bytes.end()), " --purify-steps 40 --purify-restarts 2"));
}

TEST_CASE("a generator of adversaries is trained, and attacks its model and others", "[command]") {
  const TemporaryFolder folder;
  Arguments arguments = with(golden("attack"), {"--generator", made("advgan")});
  arguments.insert(arguments.begin() + 1, "generator");
  const Json json = json_of(arguments);
  CHECK(json.at("success_rate").get<double>() > 0.5);
  // Without --epsilon it is what the generator was trained for.
  CHECK(json.at("perturbation").at("linf_largest").get<double>() == Approx(0.3).margin(1e-3));
  CHECK(json.at("gradient_calls") == 0);
  CHECK(json.at("forward_calls") == 0);
  const Json smaller = json_of(with(arguments, {"--epsilon", "0.05"}));
  CHECK(smaller.at("perturbation").at("linf_largest").get<double>() <= 0.05 + 1e-6);
  CHECK(smaller.at("success_rate") < json.at("success_rate"));
  // Against a decision tree, of which it knows nothing.
  const std::string tree = in_source("/tests/golden/sklearn/tree.json");
  const Json transferred = json_of({"attack", "generator", "--generator", made("advgan"), "--data",
                                    small_data(), "--model", tree});
  CHECK(transferred.at("adversarial_accuracy") < transferred.at("clean_accuracy"));

  const std::string out = folder / "again.safetensors";
  const Json told = json_of(train_generator(
      "advgan", out, {"--epochs", "12", "--against", golden_model(), "--threads", "1"}));
  CHECK(same_weights(out, made("advgan")));
  CHECK(told.at("fooled").get<double>() / told.at("read_rightly").get<double>() ==
        Approx(json.at("success_rate").get<double>()));
}

TEST_CASE("what a generator cannot be used for is refused in words", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "g.safetensors";
  const auto refused = [&](const Arguments& arguments, int code,
                           const std::vector<std::string>& words) {
    check_refused(folder, arguments, code, words);
  };
  refused(train_generator("advgan", out, {}), 2, {"--against is required"});
  refused(train_generator("vae", folder / "g.onnx", {}), 2, {"read as .onnx"});
  refused(train_generator("vae", out, {"--epsilon", "0.1"}), 2, {"--epsilon means nothing"});
  refused(train_generator("advgan", out, {"--latent", "3", "--against", golden_model()}), 2,
          {"--latent means nothing"});
  refused(train_generator("gan", out, {}), 2, {"--kind"});
  refused(train_generator("vae", out, {"--epochs", "0"}), 2, {"--epochs"});
  refused(train_generator("vae", folder / "none/g.safetensors", {"--epochs", "1"}), 1, {"none"});
  const std::string tree = in_source("/tests/golden/sklearn/tree.json");
  refused(train_generator("advgan", out, {"--against", tree}), 1, {"gives no gradients"});
  refused(with(golden("evaluate"), {"--purify", golden_model()}), 1, {"is no generator"});
  refused(with(golden("evaluate"), {"--purify", made("advgan")}), 1, {"makes perturbations"});
  refused(with(golden("evaluate"), {"--purify-steps", "3"}), 2, {"--purify"});
  refused({"evaluate", "--data", small_data(), "--model", made("vae")}, 1,
          {"is a generator, which sorts nothing into classes"});
  refused({"attack", "bpda", "--data", small_data(), "--model", golden_model()}, 1,
          {"is not a purified model"});
  refused({"attack", "generator", "--data", small_data(), "--model", golden_model()}, 2,
          {"--generator"});
  refused({"attack", "generator", "--generator", made("vae"), "--data", small_data(), "--model",
           golden_model()},
          1, {"makes images, not perturbations"});
  refused(
      {"robustness", "--attacks", "generator", "--data", small_data(), "--model", golden_model()},
      2, {"needs a generator"});
  const std::string damaged = folder / "damaged.safetensors";
  write_whole_file(damaged, part_of(read_whole_file(made("vae")), 5000));
  refused(with(golden("evaluate"), {"--purify", damaged}), 1, {"damaged.safetensors"});
}

TEST_CASE("an interrupted training of a generator writes nothing", "[command]") {
  const TemporaryFolder folder;
  CommandSettings settings;
  settings.interrupt_at = "epoch 1/";
  const CommandResult result = run_command(
      train_generator("vae", folder / "g.safetensors", {"--epochs", "100000"}), settings);
  CHECK(result.exit_code == 130);
  CHECK(contains(result.err, "interrupted; nothing was written"));
  CHECK(folder.content().empty());
}

TEST_CASE("adversarial-train learns with a generator's images, and goes on with them",
          "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "m.safetensors", saved = folder / "m.checkpoint";
  const Arguments train{"adversarial-train",
                        "--method",
                        "manifold",
                        "--norm",
                        "l2",
                        "--epsilon",
                        "1.5",
                        "--steps",
                        "2",
                        "--train-range",
                        "0:256",
                        "--held-out",
                        "50",
                        "--data",
                        small_data(),
                        "--architecture",
                        "mlp"};
  const Arguments generator{"--generator", made("vae")};
  run_well(with(with(train, generator), {"--epochs", "2", "--out", out}));
  const Safetensors file = parse_safetensors(read_whole_file(out), out);
  CHECK(contains(file.metadata.at("trained_by"), "--method manifold"));
  CHECK(contains(file.metadata.at("trained_by"), "--norm l2"));
  CHECK(contains(file.metadata.at("trained_by"), "--generator"));

  // An epoch, and then the rest, gives the same weights.
  const std::string parts = folder / "parts.safetensors";
  run_well(with(with(train, generator),
                {"--epochs", "1", "--out", parts, "--checkpoint", saved, "--keep", "last"}));
  const Arguments resume{"adversarial-train",
                         "--resume",
                         saved,
                         "--epochs",
                         "2",
                         "--data",
                         small_data(),
                         "--out",
                         parts,
                         "--checkpoint",
                         folder / "next"};
  run_well(with(resume, generator));
  run_well(with(with(train, generator), {"--epochs", "2", "--out", out, "--keep", "last"}));
  CHECK(same_weights(out, parts));

  const std::string none = folder / "none.safetensors";
  check_refused(folder, with(train, {"--out", none}), 2, {"--generator", "vae"});
  check_refused(folder, with(resume, {}), 2, {"--generator"});
  const std::string other = folder / "other.safetensors";
  run_well(train_generator("vae", other, {"--epochs", "1", "--seed", "9"}));
  check_refused(folder, with(resume, {"--generator", other}), 1, {"is not the generator"});
  check_refused(folder, with(train, {"--out", none, "--generator", made("advgan")}), 1,
                {"makes perturbations"});
  Arguments pgd = with(with(train, generator), {"--out", none});
  pgd[2] = "pgd";
  check_refused(folder, pgd, 2, {"--generator", "manifold heeds it"});
  pgd[2] = "trades";
  check_refused(folder, with(pgd, {}), 2, {"--norm", "pgd and manifold heed it"});
}
