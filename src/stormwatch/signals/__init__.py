"""Spontaneous reports: is this reaction reported more often than expected?"""
