#include "privd/broker/ipvs/event.h"

namespace holdfast::privd::ipvs {

void Event::write(schema::LvsEvent::Builder event) const {
  event.setKind(kind);
  event.setIsSorry(isSorry);
  event.setGeneration(static_cast<std::uint32_t>(generation));
  event.setVirtualServer(virtualServer);
  event.setRealServer(realServer);
  event.setResult(result);
  event.setSocket(socket);
  event.setActiveConnections(activeConnections);
  event.setInactiveConnections(inactiveConnections);
  event.setPersistentConnections(persistentConnections);
  event.setConnections(statistics.connections);
  event.setInPackets(statistics.inPackets);
  event.setOutPackets(statistics.outPackets);
  event.setInBytes(statistics.inBytes);
  event.setOutBytes(statistics.outBytes);
}

}  // namespace holdfast::privd::ipvs
