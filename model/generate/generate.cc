#include "model/generate/generate.h"

#include <string>

#include "model/generate/batch.h"

namespace stillwatch::model {

Result<std::vector<Generated>> Generate(StepDecoder& decoder,
                                        std::span<const GenerateRequest> requests,
                                        const GenerateProgress& progress) {
  DecodeBatch batch(&decoder);
  for (const GenerateRequest& request : requests) {
    if (Status s = batch.CanWrite(*request.prompt, request.options); !s.ok()) return Failure(s);
  }
  std::vector<Generated> results(requests.size());
  std::size_t next = 0;
  while (next < requests.size() || !batch.members().empty()) {
    std::vector<DecodeBatch::Newcomer> newcomers;
    int room = batch.free_slots();
    while (next < requests.size() && room >= SlotsFor(requests[next].options)) {
      room -= SlotsFor(requests[next].options);
      newcomers.push_back(
          {.id = next, .prompt = requests[next].prompt, .options = &requests[next].options});
      ++next;
    }
    if (Status s = batch.Join(newcomers); !s.ok()) return Failure(s);
    if (Status s = batch.Step(); !s.ok()) return Failure(s);
    std::vector<std::uint64_t> done;
    for (const DecodeBatch::Member& member : batch.members()) {
      if (progress) progress(member.id, member.generation->settled());
      if (!member.generation->done()) continue;
      results[member.id] = member.generation->result();
      done.push_back(member.id);
    }
    for (const std::uint64_t id : done) batch.Leave(id);
  }
  return results;
}

}  // namespace stillwatch::model
