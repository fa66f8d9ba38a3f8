package main

import (
	"net"
	"os"

	"github.com/sirupsen/logrus"
)

// notify tells the service manager of a state, such as READY=1, as sd_notify(3)
// does: by the datagram socket that NOTIFY_SOCKET names, a path or, behind "@",
// an abstract name. Without the variable nobody wants to know.
func notify(log *logrus.Entry, state string) {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return
	}
	if err := send(socket, state); err != nil {
		log.WithError(err).Warnf("cannot tell the service manager %s", state)
	}
}

func send(socket, datagram string) error {
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write([]byte(datagram))
	return err
}
