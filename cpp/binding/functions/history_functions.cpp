// Functions that ask for messages of the past.

#include "base/common_constants.hpp"
#include "binding/functions/function_table.hpp"
#include "binding/functions/request.hpp"
#include "client/history/history.hpp"

namespace rtm::binding {
namespace {

/// (service, source, destination, start, end, offset, limit, flags)
napi_value queryHistory(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  client::HistoryQuery query{.source = arguments.strictText(1), .destination = arguments.strictText(2)};
  query.startMs = static_cast<long long>(arguments.number(3));
  query.endMs = static_cast<long long>(arguments.number(4));
  query.offset = arguments.word(5);
  query.limit = arguments.word(6);
  const std::uint32_t flags = arguments.word(7);
  query.descending = (flags & kHistoryDescending) != 0;
  query.countOnly = (flags & kHistoryCountOnly) != 0;
  return request(arguments, service,
                 [&](client::Client& client, client::RequestId& id) { return client.history().query(query, id); });
}

}  // namespace

bool addHistoryFunctions(FunctionTable& table) {
  return table.add({function<queryHistory>("queryHistory")});
}

}  // namespace rtm::binding
