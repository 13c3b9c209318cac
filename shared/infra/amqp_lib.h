/*
 * infra/amqp_lib: rabbitmq-c's headers, which its release 0.12 moved to a folder of their own.
 *
 * Layer: infra, private to amqp_*.
 */
#ifndef SHARED_INFRA_AMQP_LIB_H
#define SHARED_INFRA_AMQP_LIB_H

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

#endif
