#!/bin/bash
# The first session with the shop, as `make run` prints it and README.md shows it; a test pastes it.
SHOP=http://127.0.0.1:8080

# Sam sells, Ben buys.
for who in sam ben; do
	curl -s $SHOP/auth/register --json '{"email": "'$who'@example.org", "password": "a passphrase of '$who'", "name": "'$who'"}' | jq
done
login() { curl -s $SHOP/auth/login --json '{"email": "'$1'@example.org", "password": "a passphrase of '$1'"}' | jq -r .access_token; }
SAM=$(login sam)
BEN=$(login ben)

# Sam lists three lamps at 19.99 euros each.
ITEM=$(curl -s $SHOP/item -H "Authorization: Bearer $SAM" --json '{"name": "Desk lamp", "price": {"amount": 1999, "currency": "EUR"}, "stock": 3}' | jq -r .id)
curl -s $SHOP/item/$ITEM | jq

# Ben buys two.  Sent again with the same Idempotency-Key, it would still be one order.
ORDER=$(curl -s $SHOP/buy/$ITEM -H "Authorization: Bearer $BEN" -H "Idempotency-Key: lamps-$ITEM" --json '{"quantity": 2}' | jq -r .id)
curl -s $SHOP/order/$ORDER -H "Authorization: Bearer $BEN" | jq
curl -s $SHOP/item/$ITEM | jq .stock

# Sam ships them.
curl -s $SHOP/order/$ORDER/ship -H "Authorization: Bearer $SAM" --json '{"tracking": "1Z999AA10123456784"}' | jq .status
