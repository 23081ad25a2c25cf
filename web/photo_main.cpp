// The module of the photographs' worker: site/photographs/worker.js.
#include "web/photo/studio.h"
#include "web/worker.h"

inoculate::page::Jobs& inoculate::page::worker_jobs(const Send& to_page) {
  static Studio studio(to_page);
  return studio.jobs();
}
