package io.mimir.chat.service;

import io.mimir.chat.Message;

/** A question and what a model said to it, both as they are stored. */
public record Answer(String conversationId, Message question, Message reply) {}
