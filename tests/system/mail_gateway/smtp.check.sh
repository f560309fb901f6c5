#!/bin/bash
# Whether this gateway's Postfix greets whoever connects.
exec 2> /dev/null
exec 3<> /dev/tcp/127.0.0.1/25 || exit 1
read -r -t 2 greeting <&3 && printf 'QUIT\r\n' >&3 && [[ $greeting == 220* ]]
