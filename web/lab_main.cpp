// The module of the digits' workers: site/lab.js.
#include "web/lab/laboratory.h"
#include "web/worker.h"

inoculate::page::Jobs& inoculate::page::worker_jobs(const Send& to_page) {
  static Laboratory laboratory(to_page);
  return laboratory.jobs();
}
